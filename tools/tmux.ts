/**
 * A terminal of its own, in tmux: somebody types, and looks at the screen.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { SamocodeError } from "../src/text/errors.ts";
import { runCommand } from "../src/system/processes/run_command.ts";

/** The size of a terminal, in cells. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

const POLL_MS = 120;

/** A shell in a terminal, which ends with all that runs in it when it is disposed. */
export class TmuxTerminal implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Opens one.
   *
   * @param folder Where the shell works, and where tmux keeps its socket, whose path may have 100 bytes.
   * @param env All of the shell's environment.
   * @throws {SamocodeError} If there is no tmux.
   */
  static async open(
    folder: string,
    { env, columns, rows }: TerminalSize & { readonly env: Readonly<Record<string, string>> },
  ): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal(folder);
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    await terminal.#tmux(
      "new-session",
      "-d",
      ...size,
      "env",
      "-i",
      ...variables,
      "sh",
      "-i",
      ";",
      "set",
      "status",
      "off",
    );
    return terminal;
  }

  /** Types text, or presses a key by tmux's name for it. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", "--", text);
  }

  /** Presses a key, by tmux's name for it: `Enter`, `C-c`. */
  async press(key: string): Promise<void> {
    await this.#tmux("send-keys", key);
  }

  /** Changes the size of the window. */
  async resize({ columns, rows }: TerminalSize): Promise<void> {
    await this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** The rows of the screen as text, with those that have scrolled away if `all`. */
  async text({ all = false } = {}): Promise<string> {
    return await this.#tmux("capture-pane", "-pJ", ...(all ? ["-S", "-"] : []));
  }

  /** The cursor's visibility, column and row on the first line, then the rows with their colors, as tmux writes them. */
  async picture(): Promise<string> {
    return await this.#tmux("display", "-p", "#{cursor_flag} #{cursor_x} #{cursor_y}", ";", "capture-pane", "-pe");
  }

  /**
   * Waits until the screen shows it.
   *
   * @returns The screen.
   * @throws {Error} With the screen, when `signal` fires.
   */
  async shows(wanted: RegExp, signal: AbortSignal): Promise<string> {
    while (true) {
      const text = await this.text();
      if (wanted.test(text)) return text;
      if (signal.aborted) throw new Error(`The screen does not show ${wanted}:\n${await this.text({ all: true })}`);
      await pause(POLL_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server").catch(() => {});
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const all = ["-u", "-S", join(this.#folder, "tmux"), "-f", "/dev/null", ...args];
    const { code, stdout, stderr } = await runCommand("tmux", all, { cwd: this.#folder });
    if (code === 0) return stdout.trimEnd();
    throw new SamocodeError("system", `Cannot use tmux: ${stderr.trim()}`, { hint: "Install tmux 3.2 or later" });
  }
}
