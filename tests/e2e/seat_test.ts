import assert from "node:assert/strict";
import { join } from "node:path";
import { claudeEnvironment, type FakeModel, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest, type FoundClient, slowClientTest } from "../helpers/find_clients.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import { programPath } from "../../src/system/processes/program_path.ts";
import { TmuxTerminal } from "../../tools/tmux.ts";

/** Far longer than a whole session takes. */
const PATIENCE_MS = 60_000;
const SIZE = { columns: 100, rows: 40 };

seatTest(
  "from git init to a merged branch with one run and keystrokes, in tmux with the real claude",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, "claude_session");
    using seat = new Seat(claudeEnvironment(found.path, model));
    await using terminal = await seat.open();
    const at = seat.typist(terminal);
    await at(/\$$/, "git init -q . && git commit -q --allow-empty -m Begin && samocode run 'Add a greeting'");
    await at(/Set up this repository now[^]*\[y\/N\]$/, "y");
    await at(/Q1: [^]*Your answer:$/, "B");
    await at(/Your decision:$/, "I want a test, too");
    await at(/As asked: I want a test, too[^]*Your decision:$/, "a");
    await at(/DONE[^]*How\?$/, "f");
    const screen = await terminal.shows(/Removed [^]*\$$/, AbortSignal.timeout(PATIENCE_MS));
    assert.match(screen, /add-a-greeting is merged into main/);
    seat.checkMerged();
    assertScripted(model);
  },
);

seatTest(
  "the same with commands from a second terminal, while the first one only shows it",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, "claude_session");
    using seat = new Seat(claudeEnvironment(found.path, model));
    await using first = await seat.open();
    await using second = await seat.open("second");
    const [at, there] = [seat.typist(first), seat.typist(second)];
    await at(/\$$/, "git init -q . && git commit -q --allow-empty -m Begin && samocode init --yes");
    await at(/Next: [^]*\$$/, "samocode run 'Add a greeting'");
    await at(/Your answer:$/, undefined);
    await there(/\$$/, "clear; samocode answer add-a-greeting Q1=B");
    await at(/Your decision:$/, undefined);
    await there(/Answered Q1[^]*\$$/, "clear; samocode approve add-a-greeting --reject 'I want a test, too'");
    await at(/As asked: [^]*Your decision:$/, undefined);
    await there(/The plan goes back[^]*\$$/, "clear; samocode approve add-a-greeting");
    await there(/Your decision:$/, "a");
    await at(/DONE[^]*How\?$/, "");
    await there(/Approved[^]*\$$/, "clear; samocode finish add-a-greeting --ff-only");
    await second.shows(/Removed [^]*\$$/, AbortSignal.timeout(PATIENCE_MS));
    seat.checkMerged();
    const told = (await first.text({ all: true })).match(/Decided elsewhere: .*/g);
    // Two events, which may be noticed together.
    assert.match(
      told?.[0] ?? "",
      /: (?:Answered Q1|The questions are answered) \(a person at a terminal \(samocode answer\)\)$/,
    );
    assert.deepEqual(told?.slice(1), [
      "Decided elsewhere: The plan was sent back (a person at a terminal (samocode approve)): I want a test, too",
      "Decided elsewhere: The plan is approved (a person at a terminal (samocode approve))",
    ]);
    assertScripted(model);
  },
  slowClientTest,
);

/** Registers a test that types into tmux while the real Claude works. */
function seatTest(name: string, run: (found: FoundClient) => Promise<void>, register = clientTest): void {
  const { program } = programPath("tmux", { env: Deno.env.toObject() });
  if (program !== undefined) register(name, "claude", run);
  else Deno.test({ name: `${name} (skipped: no tmux)`, ignore: true, fn: () => {} });
}

function assertScripted({ requests }: FakeModel): void {
  assert.deepEqual(requests.filter(({ path, rule }) => path === "/v1/messages" && !rule), []);
}

/** A fresh home, an empty folder, and the program on PATH. */
class Seat implements Disposable {
  readonly #folder = new TempFolder();
  readonly #env: Readonly<Record<string, string>>;

  constructor(env: Readonly<Record<string, string>>) {
    for (const name of ["home", "bin", "repo", "first", "second"]) Deno.mkdirSync(this.#folder.at(name));
    const words = programUnderTest().map((word) => `'${word}'`).join(" ");
    Deno.writeTextFileSync(this.#folder.at("bin/samocode"), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
    const me = { NAME: "me", EMAIL: "me@localhost" };
    this.#env = {
      ...Object.fromEntries(
        ["AUTHOR", "COMMITTER"].flatMap((who) =>
          Object.entries(me).map(([name, value]) => [`GIT_${who}_${name}`, value])
        ),
      ),
      PATH: `${this.#folder.at("bin")}:${Deno.env.get("PATH")}`,
      HOME: this.#folder.at("home"),
      DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
      TERM: "tmux-256color",
      LANG: "C.UTF-8",
      PS1: "$ ",
      PAGER: "cat",
      SAMOCODE_GUARD: "off",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "init.defaultBranch",
      GIT_CONFIG_VALUE_0: "main",
      ...env,
    };
  }

  async open(name = "first"): Promise<TmuxTerminal> {
    const terminal = await TmuxTerminal.open(this.#folder.at(name), { env: this.#env, ...SIZE });
    await terminal.type(`cd '${this.#folder.at("repo")}'; clear\r`);
    return terminal;
  }

  /** Waits until the screen shows something, then types a line, if any. */
  typist(terminal: TmuxTerminal): (wanted: RegExp, line: string | undefined) => Promise<void> {
    return async (wanted, line) => {
      await terminal.shows(wanted, AbortSignal.timeout(PATIENCE_MS));
      if (line !== undefined) await terminal.type(`${line}\r`);
    };
  }

  /** The work is on main, and nothing else is left of the session than its folder. */
  checkMerged(): void {
    const git = (...args: readonly string[]) => {
      const { stdout } = new Deno.Command("git", { args: [...args], cwd: this.#folder.at("repo") }).outputSync();
      return new TextDecoder().decode(stdout).trim();
    };
    assert.equal(git("log", "--format=%s", "main"), "Test the greeting\nAdd the greeting\nBegin");
    assert.equal(git("branch", "--format=%(refname:short)"), "main");
    assert.equal(git("worktree", "list").split("\n").length, 1);
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
