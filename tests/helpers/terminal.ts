/**
 * The real program in a terminal of its own, made by `script`, and a person at its keys.
 *
 * @module
 */
import { programUnderTest } from "./program_under_test.ts";
import type { TempProject } from "./temp_project.ts";

/** How the program is started. */
export interface TerminalOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** Far longer than anything takes. */
const PATIENCE_MS = 40_000;

/** A terminal. */
export class Terminal implements AsyncDisposable {
  readonly #script: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #shown = "";
  #seen = 0;
  #more = Promise.withResolvers<void>();
  #isOver = false;

  constructor(project: TempProject, { args, env = {}, columns = 80, rows = 24 }: TerminalOptions) {
    const command = [...programUnderTest(), ...args].map((word) => `'${word}'`).join(" ");
    this.#script = new Deno.Command("script", {
      // What it leaves of the terminal's mode is shown at the end.
      args: [
        "--quiet",
        "--return",
        "--command",
        `trap : INT; stty cols ${columns} rows ${rows}; ${command}; code=$?; stty -a | grep -o ' -*icanon' | sed 's/^/mode/'; exit $code`,
        "/dev/null",
      ],
      cwd: project.root,
      clearEnv: true,
      env: { ...project.env, TERM: "xterm", SHELL: "/bin/sh", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#keys = this.#script.stdin.getWriter();
    this.#reading = this.#read();
  }

  /** All that was shown. */
  get shown(): string {
    return this.#shown;
  }

  /** Waits until something is shown that was not waited for before; then types. */
  async at(pattern: RegExp, keys: string): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#more.resolve();
    }, PATIENCE_MS);
    let found = pattern.exec(this.#shown.slice(this.#seen));
    while (found === null && !isLate && !this.#isOver) {
      await this.#more.promise;
      found = pattern.exec(this.#shown.slice(this.#seen));
    }
    clearTimeout(timer);
    if (found === null) throw new Error(`not shown: ${pattern}\n${this.#shown}`);
    this.#seen += found.index + found[0].length;
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** The exit code, once it has ended. */
  async ended(): Promise<number> {
    const { code } = await this.#script.status;
    await this.#reading;
    return code;
  }

  async #read(): Promise<void> {
    for await (const text of this.#script.stdout.pipeThrough(new TextDecoderStream())) {
      this.#shown += text;
      this.#more.resolve();
      this.#more = Promise.withResolvers();
    }
    this.#isOver = true;
    this.#more.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keys.close().catch(() => {});
    try {
      this.#script.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await this.ended();
  }
}
