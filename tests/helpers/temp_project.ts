/**
 * A project in a temporary folder and the real program in a process of its own, for the end-to-end tests.
 *
 * @module
 */
import { join } from "node:path";
import { readEventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { viewTrust } from "../../src/operations/trust_project.ts";
import { FileWatch } from "../../src/system/files/file_watch.ts";
import { sessionLock } from "../../src/session/chain_head.ts";
import { livingListener } from "../../src/session/listener_record.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { unlessFailing } from "../../src/text/errors.ts";
import { ownJournal } from "./own_journal.ts";
import { ownEnvironment } from "./own_environment.ts";
import { programUnderTest } from "./program_under_test.ts";
import { makeTempFolder } from "./temp_folder.ts";

/** What a finished program left. */
export interface Finished {
  readonly code: number;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project that is removed when it is disposed. */
export class TempProject implements Disposable {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly program: readonly [command: string, ...args: string[]];

  constructor(env: Readonly<Record<string, string>> = {}, program = programUnderTest()) {
    this.program = program;
    this.root = makeTempFolder();
    for (const name of ["home", "repo", "worktrees", "sessions"]) Deno.mkdirSync(join(this.root, name));
    Deno.writeTextFileSync(join(this.root, ".samocode"), "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n");
    this.env = {
      ...ownEnvironment(this.root),
      HOME: join(this.root, "home"),
      LANG: "C.UTF-8",
      TERM: "dumb",
      // Most of these agents write beside their work, to tell the test what they saw.
      SAMOCODE_GUARD: Deno.env.get("SAMOCODE_TEST_GUARD") ?? "off",
      ...env,
    };
    this.git("init", "--quiet", "--initial-branch=main");
    Deno.writeTextFileSync(join(this.repo, "README.md"), "# demo\n");
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message=Begin");
    this.trust();
  }

  /** What `samocode trust` does, without a process of its own: trusts everything that is there now. */
  trust(more: Readonly<Record<string, string>> = {}): void {
    if (!exists(join(this.root, ".samocode"))) return;
    viewTrust({ env: { ...this.env, ...more }, workingDirectory: this.root, config: undefined }).trust();
  }

  get repo(): string {
    return join(this.root, "repo");
  }

  /** Runs git in the repository and returns what it printed. */
  git(...args: readonly string[]): string {
    const { code, stdout, stderr } = new Deno.Command("git", { args: [...args], cwd: this.repo, env: this.env })
      .outputSync();
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  }

  /** Starts the program in the project's folder. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Deno.ChildProcess {
    const [command, ...before] = this.program;
    return new Deno.Command(command, {
      args: [...before, ...args],
      cwd: this.root,
      clearEnv: true,
      env: { ...this.env, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs the program to its end. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return await finished(this.start(args, env));
  }

  /** Approves a plan without a terminal: by the hash that the status tells. */
  async approve(session: string): Promise<Finished> {
    const { plan } = JSON.parse((await this.run(["status", session, "--json"])).stdout);
    return await this.run(["approve", session, "--sha256", plan?.sha256 ?? ""]);
  }

  /** The folder of the session that was made last. */
  sessionFolder(): string {
    const [newest] = [...Deno.readDirSync(join(this.root, "sessions"))].map(({ name }) => name).sort().reverse();
    if (newest === undefined) throw new Error("no session was made");
    return join(this.root, "sessions", newest);
  }

  /** Every event of that session. */
  events(): readonly RecordedEvent[] {
    return eventsIn(join(this.sessionFolder(), "_journal.jsonl"));
  }

  /** Makes all that is in a session's journal count as samocode's own; returns the path of its lock. */
  own(folder = this.sessionFolder()): string {
    const state = stateFolder(this.env);
    return sessionLock(state, ownJournal(join(folder, "_journal.jsonl"), state));
  }

  /** What was tried, in order: `2.1` is the first attempt of iteration 2. */
  attempts(): readonly string[] {
    return this.events().flatMap((event) =>
      event.type === "iteration.started" ? [`${event.iteration}.${event.attempt}`] : []
    );
  }

  /** Resolves as soon as the session's journal holds what is looked for. */
  async until(wanted: (events: readonly RecordedEvent[]) => boolean): Promise<void> {
    using watch = new FileWatch(join(this.root, "sessions"));
    while ([...Deno.readDirSync(join(this.root, "sessions"))].length === 0) await watch.changed(1000);
    const journal = join(this.sessionFolder(), "_journal.jsonl");
    while (!exists(journal)) await watch.changed(20);
    using lines = new FileWatch(journal);
    while (!wanted(eventsIn(journal))) await lines.changed(1000);
  }

  /** Resolves as soon as an agent made this file in the session's folder. */
  async untilFile(name: string): Promise<void> {
    await this.until((events) => events.some(({ type }) => type === "iteration.started"));
    using watch = new FileWatch(this.sessionFolder());
    while (!exists(join(this.sessionFolder(), name))) await watch.changed(1000);
  }

  [Symbol.dispose](): void {
    this.endListener();
    for (let tries = 1;; tries++) {
      try {
        return Deno.removeSync(this.root, { recursive: true });
      } catch (error) {
        // A client whose terminal was closed writes until it has ended.
        if (tries === 50) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      }
    }
  }

  /** Ends what workers started and a test has not ended: it would hold files open. */
  endListener(): void {
    const { holder: { pid } = { pid: Deno.pid } } = livingListener(stateFolder(this.env)) ?? {};
    if (pid === Deno.pid) return;
    unlessFailing(() => Deno.kill(pid, "SIGKILL"));
    for (let tries = 0; tries < 50 && livingListener(stateFolder(this.env)) !== undefined; tries++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/** Waits for a program and collects what it printed. */
export async function finished(child: Deno.ChildProcess): Promise<Finished> {
  const { code, signal, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, signal: signal ?? undefined, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The ids of living processes that carry a session's marker; empty where nothing is left. */
export function markedProcesses(events: readonly RecordedEvent[]): readonly number[] {
  const markers = events.flatMap((event) =>
    event.type === "iteration.started" ? [`SAMOCODE_MARKER=${event.marker}`] : []
  );
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    try {
      const environment = Deno.readTextFileSync(`/proc/${name}/environ`).split("\0");
      return markers.some((marker) => environment.includes(marker)) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

function eventsIn(journal: string): readonly RecordedEvent[] {
  return Deno.readTextFileSync(journal).split("\n").flatMap((line) => readEventLine(line) ?? []);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
