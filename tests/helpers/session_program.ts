/**
 * A small program that works on a session's files, for the tests with several real processes. It does one thing for
 * each byte that it is sent, and answers each with one line of JSON.
 *
 * @module
 */
import { readPlugin, unpackPlugin } from "../../src/prompt/shipped_files.ts";
import { takeLock } from "../../src/session/lock.ts";
import { openJournal } from "./own_journal.ts";

/** What it can be told to work on. */
export type SessionTask =
  | { readonly do: "append"; readonly path: string; readonly by: string; readonly times: number; readonly size: number }
  | { readonly do: "lock"; readonly path: string }
  | { readonly do: "unpack"; readonly root: string; readonly cache: string };

/** A running copy of the program. */
export class SessionProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(task: SessionTask) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", import.meta.filename ?? "", JSON.stringify(task)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Tells it to do the next step, without waiting for it. */
  async go(): Promise<void> {
    await this.#input.write(new Uint8Array(1));
  }

  /** What it says next; `undefined` after its end. */
  async answer(): Promise<unknown> {
    while (!this.#rest.includes("\n")) {
      const { value } = await this.#output.read();
      if (value === undefined) return undefined;
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#output.cancel();
    await this.#child.status;
  }
}

/** Starts several copies and waits until all are ready. */
export async function startPrograms(tasks: readonly SessionTask[]): Promise<readonly SessionProgram[]> {
  const programs = tasks.map((task) => new SessionProgram(task));
  for (const program of programs) await program.answer();
  return programs;
}

/** Lets all do their next step at once. */
export async function allAtOnce(programs: readonly SessionProgram[]): Promise<readonly unknown[]> {
  await Promise.all(programs.map((program) => program.go()));
  return await Promise.all(programs.map((program) => program.answer()));
}

async function main(task: SessionTask): Promise<void> {
  let held: Disposable | undefined;
  say("ready");
  while ((Deno.stdin.readSync(new Uint8Array(1)) ?? 0) > 0) {
    switch (task.do) {
      case "append": {
        using journal = openJournal(task.path);
        for (let time = 1; time <= task.times; time++) {
          journal.append({ type: "guidance.given", by: task.by, text: `${time} ${"x".repeat(task.size)}` });
        }
        say("appended");
        break;
      }
      case "lock":
        if (held !== undefined) {
          held[Symbol.dispose]();
          held = undefined;
          say("released");
          break;
        }
        try {
          held = await takeLock(task.path, { session: "session" });
          say("taken");
        } catch (error) {
          say(error instanceof Error ? error.message : String(error));
        }
        break;
      case "unpack": {
        const plugin = readPlugin(task.root);
        say(plugin && unpackPlugin(plugin, task.cache));
        break;
      }
    }
  }
}

function say(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(value) + "\n"));
}

if (import.meta.main) await main(JSON.parse(Deno.args[0] ?? ""));
