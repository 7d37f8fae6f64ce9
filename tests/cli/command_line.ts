/**
 * The command line inside the test's own process: a real project and real agents, a captured terminal.
 *
 * @module
 */
import { join } from "node:path";
import { cli } from "../../src/cli/cli.ts";
import type { AttachedCommand } from "../../src/system/processes/run_attached.ts";
import type { CliIo } from "../../src/cli/cli_io.ts";
import type { Status } from "../../src/operations/status.ts";
import { programUnderTest, ROOT } from "../helpers/program_under_test.ts";
import { TempProject } from "../helpers/temp_project.ts";

/** What a command came to. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** What a person does at a prompt, until it is taken back. */
export type Typed = (abort: AbortSignal | undefined) => Promise<string | undefined>;

/** How a command is typed. */
export interface Typing {
  readonly env?: Readonly<Record<string, string>>;
  /** What the person types when asked, line after line; without it there is no terminal to ask at. */
  readonly answers?: readonly (string | Typed)[];
  /** Whether the output is the terminal, too. */
  readonly isOutputTerminal?: boolean;
  /** Plays the program that is started in the terminal. */
  readonly onAttach?: (command: AttachedCommand) => { readonly code: number };
  readonly color?: boolean;
  readonly workingDirectory?: string;
  /** Sees all that is written, as it comes. */
  readonly onWrite?: (text: string, raise: (name: Deno.Signal) => void) => void;
}

/** A project, and a person at its command line. */
export class CommandLine implements Disposable {
  readonly project = new TempProject();
  readonly agent = join(this.project.root, "agent.sh");
  readonly #workers: Deno.ChildProcess[] = [];

  /** Types a command. */
  async type(args: readonly string[], typing: Typing = {}): Promise<Said> {
    const {
      answers,
      color = false,
      workingDirectory = this.project.root,
      onWrite,
      onAttach,
      isOutputTerminal = false,
    } = typing;
    const listeners = new Set<(name: Deno.Signal) => void>();
    const raise = (name: Deno.Signal): void => listeners.forEach((listener) => listener(name));
    // Without a hash, a plan must be shown and approved at a terminal.
    const approves = args[0] === "approve" && answers === undefined && !/--(?:sha256|reject|json)/.test(args.join(" "));
    const left = [...answers ?? (approves ? ["a"] : [])];
    let out = "";
    let error = "";
    const write = (text: string): void => {
      out += text;
      onWrite?.(text, raise);
    };
    const io: CliIo = {
      write,
      live: { write, pending: () => 0, flushed: () => Promise.resolve() },
      writeError: (text) => error += text,
      ask: async (question, { abort } = {}) => {
        write(`${question} `);
        const next = left.shift();
        return typeof next === "function" ? await next(abort) : next;
      },
      attach: (command) => {
        const { code } = onAttach?.(command) ?? { code: 127 };
        return Promise.resolve(code);
      },
      isInputTerminal: answers !== undefined || approves,
      isOutputTerminal: isOutputTerminal || approves,
      columns: () => 120,
      rows: () => 40,
      color,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: join(this.project.root, "home"),
        DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
        SAMOCODE_PROVIDER: "demo",
        SAMOCODE_DEMO_PACE: "0",
        SAMOCODE_MAX_RETRIES: "0",
        ...typing.env,
      },
      workingDirectory,
      self: programUnderTest(),
      shippedRoot: ROOT,
      version: "0.0.0",
      build: () => "a test",
      onSignal: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      serveMcp: () => Promise.reject(new Error("no server here")),
    };
    return { code: await cli(args, io), out, error };
  }

  /**
   * Types a command with an agent of the test's own: a shell script that plays Claude Code. `$phase`, `$folder` and
   * `$signal` stand for what it must know.
   */
  async typeWithAgent(script: string, args: readonly string[], typing: Typing = {}): Promise<Said> {
    Deno.writeTextFileSync(
      this.agent,
      `#!/bin/sh
phase=$(echo "$2" | sed 's/.* of the \\([a-z]*\\) phase.*/\\1/')
signal=$SAMOCODE_SIGNAL
folder=$(dirname "$signal")
${script}
echo '{"type":"result","subtype":"success","is_error":false,"result":"","total_cost_usd":0.5}'
`,
      { mode: 0o755 },
    );
    const env = { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: this.agent, ...typing.env };
    return await this.type(args, { ...typing, env });
  }

  /** Starts the real program; what a failed test leaves running is ended with the project. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): Deno.ChildProcess {
    const worker = this.project.start(args, env);
    this.#workers.push(worker);
    return worker;
  }

  /** The status as a program gets it. */
  async status(session: string): Promise<Status> {
    const { code, out, error } = await this.type(["status", session, "--json"]);
    if (code !== 0) throw new Error(error);
    return JSON.parse(out);
  }

  /** A file of the newest session. */
  path(name: string): string {
    return join(this.project.sessionFolder(), name);
  }

  /** The name of a file of the newest session. */
  nameOf(pattern: RegExp): string {
    const found = [...Deno.readDirSync(this.project.sessionFolder())].find(({ name }) => pattern.test(name));
    if (found === undefined) throw new Error(`no file like ${pattern}`);
    return found.name;
  }

  /** Changes a file of the newest session, as a person with an editor does. */
  edit(name: string, change: (text: string) => string): void {
    const before = Deno.readTextFileSync(this.path(name));
    const after = change(before);
    if (after === before) throw new Error(`nothing to change in ${name}:\n${before}`);
    Deno.writeTextFileSync(this.path(name), after);
  }

  /** Every path below the project and what is in it, to see that nothing was touched. */
  listing(): readonly string[] {
    return listingOf(this.project.root);
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) {
      try {
        worker.kill("SIGTERM");
      } catch {
        // Gone already, as it should be.
      }
    }
    this.project[Symbol.dispose]();
  }
}

/** A new session's first command. */
export const START = ["run", "--session", "top", "--task", "Add --top", "--dive", "tally"] as const;

/** An agent that asks two questions, then plans, works and is done. */
export const WHOLE_AGENT = `
case $phase in
  investigation) echo '{"status":"continue","phase":"requirements"}' > "$signal" ;;
  requirements)
    if grep -q 'Answer:.*[A-Za-z]' "$folder/_qa.md" 2>/dev/null && ! grep -q _waiting_ "$folder/_qa.md"; then
      echo '{"status":"continue","phase":"planning"}' > "$signal"
    else
      printf '### Q1: Which?\\n\\nA) This\\nB) That\\n\\n**Suggestion:** A - usual\\n**Answer:** _waiting_\\n\\n' > "$folder/_qa.md"
      printf '### Q2: Why?\\n\\n**Answer:** _waiting_\\n' >> "$folder/_qa.md"
      echo '{"status":"waiting","for":"qa_answers"}' > "$signal"
    fi ;;
  planning)
    printf '# Plan\\n\\n- [ ] Phase 1: do it\\n' > "$folder/11-20-0500-plan-top.md"
    echo '{"status":"waiting","for":"plan_approval"}' > "$signal" ;;
  implementation)
    sed -i 's/- \\[ \\]/- [x]/' "$folder/11-20-0500-plan-top.md" 2>/dev/null
    echo '{"status":"continue","phase":"testing"}' > "$signal" ;;
  testing)
    echo 'Verdict: pass' > "$folder/11-20-0510-test-report.md"
    echo '{"status":"continue","phase":"done"}' > "$signal" ;;
  done)
    for kind in summary pull-request; do echo 'All of it' > "$folder/11-20-0520-$kind.md"; done
    echo '{"status":"done","summary":"All of it"}' > "$signal" ;;
esac`;

function listingOf(root: string): readonly string[] {
  return [...Deno.readDirSync(root)].flatMap(({ name, isDirectory, isFile }) => {
    const path = join(root, name);
    if (isDirectory) return [`${path}/`, ...listingOf(path)];
    return [isFile ? `${path} ${Deno.readTextFileSync(path)}` : path];
  }).sort();
}
