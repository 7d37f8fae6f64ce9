import assert from "node:assert/strict";
import { join } from "node:path";
import { programPath } from "../../src/system/processes/program_path.ts";
import { TmuxTerminal } from "../../tools/tmux.ts";
import { VirtualTerminal } from "../console/virtual_terminal.ts";
import { CodexProject } from "../helpers/codex_project.ts";
import { claudeEnvironment, type FakeModel, startFakeModel } from "../helpers/fake_model.ts";
import { slowClientTest } from "../helpers/find_clients.ts";
import { hostileProject } from "../helpers/hostile_project.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "work", "--task", "Work"];

/** What the view shows of tokens and cost after each call. */
const SEEN = {
  claude: ["$0.80 · 100k tokens in, 20.0k out", "$1.60 · 200k tokens in, 40.0k out"],
  codex: ["$1.10 · 100k tokens in, 20.0k out", "$2.20 · 200k tokens in, 40.0k out"],
};

for (const name of ["claude", "codex"] as const) {
  slowClientTest(`status --watch shows tokens and cost grow while the real ${name} works`, name, async (client) => {
    let root = "";
    let calls = 0;
    // Each call has a command run until the test has seen what the call used.
    const scenario = {
      rules: [{
        name: "work",
        when: { any: "Session path" },
        play: () => ({
          tools: [{ bash: `until [ -e ${root}/go-${++calls} ]; do sleep 0.05; done` }],
          usage: { input: 100_000, output: 20_000, cache_read: 0, cache_write: 0 },
        }),
      }],
    };
    await using model = await startFakeModel(client.fakeModel, scenario);
    using project = projectOf(name, client.path, model);
    root = project.root;
    const worker = project.start(RUN);
    const end = finished(worker);
    try {
      await project.until((events) => events.some(({ type }) => type === "agent.started"));
      await using watch = new Watch(project);
      for (const [index, figures] of SEEN[name].entries()) {
        await watch.sees(`about ${figures}`);
        await watch.sees(`▸ running until [ -e ${root}/go-${index + 1}`.slice(0, 40));
        const { costUsd, estimatedUsd, tokens } = JSON.parse((await project.run(["status", "work", "--json"])).stdout);
        assert.equal(tokens.input, 100_000 * (index + 1));
        assert.equal(`$${((costUsd ?? 0) + estimatedUsd).toFixed(2)}`, figures.slice(0, 5));
        Deno.writeTextFileSync(join(root, `go-${index + 1}`), "");
      }
      await project.until((events) => events.some(({ type }) => type === "agent.resumed"));
    } finally {
      worker.kill("SIGINT");
      await end;
    }
  });
}

const TMUX = programPath("tmux", { env: Deno.env.toObject() }).program;

/** An agent that acts twenty times, which is not too fast to be recorded, then is at work for ever. */
const BUSY = `
for i in $(seq 20); do
  echo '{"type":"assistant","message":{"id":"m","content":[{"type":"tool_use","name":"Bash","input":{"command":"command '$i' with so many words behind it that it is wider than a narrow window"}}]}}'
done
touch "$folder/at-work"
sleep 600
`;

Deno.test({
  name: `a resized terminal loses no line, and has one live area; Ctrl-C leaves it as it was${
    TMUX === undefined ? " (skipped: no tmux)" : ""
  }`,
  ignore: TMUX === undefined,
  async fn(): Promise<void> {
    using project = hostileProject(BUSY);
    const env = { ...project.env, TERM: "xterm-256color", PS1: "$ " };
    await using terminal = await TmuxTerminal.open(project.root, { env, columns: 100, rows: 24 });
    const program = programUnderTest().map((word) => `'${word}'`).join(" ");
    const signal = AbortSignal.timeout(40_000);
    await terminal.type(`${program} ${RUN.join(" ")}`);
    await terminal.press("Enter");
    await terminal.shows(/running command 20/, signal);
    for (const columns of [60, 40, 120, 80]) {
      await terminal.resize({ columns, rows: 24 });
      await terminal.shows(new RegExp(`^─{${columns - 1}}$`, "m"), signal);
      const visible = (await terminal.text()).split("\n");
      assert.equal(visible.filter((row) => /^─+$/.test(row)).length, 1, visible.join("\n"));
      const seen = visible.flatMap((row) => /^\d\d:\d\d:\d\d .* command (\d+)/.exec(row)?.slice(1).map(Number) ?? []);
      assert.deepEqual(seen, Array.from(seen, (_, index) => 21 - seen.length + index), visible.join("\n"));
      assert.ok(seen.length >= 8, visible.join("\n"));
    }
    await terminal.press("C-c");
    await terminal.shows(/^\$$/m, signal);
    const all = await terminal.text({ all: true });
    for (let number = 1; number <= 20; number++) assert.match(all, new RegExp(`Bash command ${number} `));
    assert.match(await terminal.picture(), /^1 /, "the cursor is shown");
  },
});

Deno.test("status --watch writes plain lines where the terminal is dumb or there is none, each in its way", async () => {
  using project = hostileProject(`${BUSY.replace("sleep 600", 'until [ -e "$root/go" ]; do sleep 0.05; done')}
echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"
`);
  const worker = project.start(RUN);
  const end = finished(worker);
  await project.untilFile("at-work");
  const piped = project.start(["status", "work", "--watch"]);
  const parts = piped.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  let stdout = (await parts.next()).value ?? "";
  await using dumb = new Watch(project, { TERM: "dumb" });
  await dumb.sees("Doing   running command 20 with");
  Deno.writeTextFileSync(join(project.root, "go"), "");
  await end;
  await dumb.sees("Next: samocode run work");
  for (let part = await parts.next(); !part.done; part = await parts.next()) stdout += part.value;
  assert.equal((await piped.status).code, 0);
  await piped.stderr.cancel();
  for (const text of [stdout, dumb.written]) {
    // deno-lint-ignore no-control-regex -- what a plain terminal must not be sent
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b\u000c\u000e-\u001f]/);
    assert.match(text, /^● running {2}work {2}investigation, iteration 1\r?\n/);
    assert.match(text, /\n\d\d:\d\d:\d\d {2}Blocked: enough/);
  }
  assert.ok(dumb.isOpen, "it stays until Ctrl-C");
});

function projectOf(name: "claude" | "codex", path: string, model: FakeModel): TempProject {
  return name === "claude" ? new TempProject(claudeEnvironment(path, model)) : new CodexProject({ path }, model);
}

/** `status --watch` in a terminal of 80 columns. */
class Watch implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #terminal = new VirtualTerminal(80);
  readonly #reading: Promise<void>;
  readonly #isDumb: boolean;
  #wake = () => {};
  written = "";
  isOpen = true;

  constructor(project: TempProject, env: Readonly<Record<string, string>> = {}) {
    this.#isDumb = env["TERM"] === "dumb";
    const command = [...programUnderTest(), "status", "work", "--watch"].map((word) => `'${word}'`).join(" ");
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", `stty cols 80 rows 24; exec ${command}`, "/dev/null"],
      cwd: project.root,
      clearEnv: true,
      env: { ...project.env, TERM: "xterm", SHELL: "/bin/sh", NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#reading = this.#read();
  }

  /** Resolves as soon as the screen shows a text. */
  async sees(text: string): Promise<void> {
    const deadline = performance.now() + 30_000;
    const screen = () => this.#isDumb ? this.written : this.#terminal.rows.join("\n");
    while (!screen().includes(text)) {
      assert.ok(performance.now() < deadline, `no "${text}" in:\n${screen()}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1_000);
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.written += text;
      if (!this.#isDumb) this.#terminal.write(text);
      this.#wake();
    }
    this.isOpen = false;
  }
}
