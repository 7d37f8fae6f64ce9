/**
 * Turns the signals that a person or the system sends into an orderly end.
 *
 * @module
 */
import type { CliIo } from "./cli_io.ts";

/** Signals, heard for as long as this is not disposed. */
export interface Interruption extends Disposable {
  readonly abort: AbortSignal;
  /** The first signal that came. */
  readonly signal: () => Deno.Signal | undefined;
}

const REASON: Readonly<Partial<Record<Deno.Signal, string>>> = {
  SIGINT: "you (Ctrl-C)",
  SIGBREAK: "you (Ctrl-Break)",
  SIGTERM: "a request to terminate (SIGTERM)",
  SIGHUP: "the terminal, which was closed (SIGHUP)",
};

/** Listens for signals. The first one ends the work in order; more of them change nothing. */
export function listenForInterruption(io: CliIo): Interruption {
  const controller = new AbortController();
  let first: Deno.Signal | undefined;
  const stopListening = io.onSignal((name) => {
    first ??= name;
    controller.abort(REASON[name] ?? name);
  });
  return { abort: controller.signal, signal: () => first, [Symbol.dispose]: stopListening };
}
