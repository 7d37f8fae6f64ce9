/**
 * Everything outside that the command line uses. `main.ts` passes the real thing, tests pass their own.
 *
 * @module
 */
import type { Terminal } from "../operations/run_listeners.ts";
import type { Clock } from "../system/clock.ts";
import type { LiveOutput } from "../system/output.ts";
import type { AttachedCommand } from "../system/processes/run_attached.ts";

/** Terminal, environment and signals. */
export interface CliIo {
  /** Writes all of a text, however long its reader takes. */
  readonly write: (text: string) => void;
  /** The same output for a session that runs: a terminal that nobody reads must not hold it. */
  readonly live: LiveOutput;
  readonly writeError: (text: string) => void;
  /**
   * Asks for a line at the terminal; `undefined` at the end of input, or once `abort` fires.
   *
   * @throws {Interrupted} On Ctrl-C, and on signals that end a program.
   */
  readonly ask: (question: string, options?: AskOptions) => Promise<string | undefined>;
  /** Runs a program in this terminal until it ends; returns its exit code. */
  readonly attach: (command: AttachedCommand) => Promise<number>;
  readonly isInputTerminal: boolean;
  readonly isOutputTerminal: boolean;
  readonly columns: () => number;
  /** The height of the terminal. */
  readonly rows: () => number;
  /** Calls back when the terminal has another size, until the returned function is called. */
  readonly onResize?: (listener: () => void) => () => void;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** The command that starts this program, without arguments. */
  readonly self: readonly string[];
  readonly shippedRoot: string;
  readonly version: string;
  /** The machine's own unless a test brings one. */
  readonly clock?: Clock;
  /** Describes the build that is running. */
  readonly build: () => string;
  /** Calls back on signals that end a program, until the returned function is called. */
  readonly onSignal: (listener: (name: Deno.Signal) => void) => () => void;
  /** Serves the parent process over MCP until it closes the connection. */
  readonly serveMcp: (options: {
    readonly project: string | undefined;
    readonly config: string | undefined;
    /** Settings that another project decides than the one that is served. */
    readonly gates?: Readonly<Record<string, string>>;
  }) => Promise<void>;
}

/** How to ask. */
export interface AskOptions {
  /** Takes the question back. */
  readonly abort?: AbortSignal | undefined;
  /** What `--yes` says here; Enter by default. */
  readonly yes?: string;
}

/** The person ended the program while it asked. */
export class Interrupted extends Error {
  /** By Ctrl-C, for example. */
  readonly signal: Deno.Signal;

  constructor(signal: Deno.Signal) {
    super(`Interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** The terminal as a run shows itself on it. A dumb one gets plain lines: it obeys no cursor movement. */
export function terminalOf(io: CliIo): Terminal {
  const { live: output, columns, rows, color, onResize } = io;
  const isTerminal = io.isOutputTerminal && io.env["TERM"] !== "dumb";
  return { output, columns, rows, isTerminal, color, ...(onResize && { onResize }) };
}

/** Listens for signals until it is disposed. */
export interface Interruption extends Disposable {
  readonly abort: AbortSignal;
  /** The first signal received. */
  readonly signal: () => Deno.Signal | undefined;
}

const REASON: Readonly<Partial<Record<Deno.Signal, string>>> = {
  SIGINT: "you (Ctrl-C)",
  SIGBREAK: "you (Ctrl-Break)",
  SIGTERM: "a request to terminate (SIGTERM)",
  SIGHUP: "the terminal, which was closed (SIGHUP)",
};

/** Turns the first signal into an abort, so that work ends in order; later signals change nothing. */
export function listenForInterruption(io: CliIo): Interruption {
  const controller = new AbortController();
  let first: Deno.Signal | undefined;
  const stopListening = io.onSignal((name) => {
    first ??= name;
    controller.abort(REASON[name] ?? name);
  });
  return { abort: controller.signal, signal: () => first, [Symbol.dispose]: stopListening };
}
