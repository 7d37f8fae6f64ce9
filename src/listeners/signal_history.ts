/**
 * Writes `_signal_history.jsonl`: a line for each signal that an agent wrote, valid or not.
 *
 * @module
 */
import type { Phase } from "../workflow/phases.ts";
import type { RecordedEvent, Signal } from "../workflow/session_event.ts";
import type { Listener } from "./listener.ts";
import { appendLine } from "./log_file.ts";

/** Makes the listener that keeps the history of signals. */
export function signalHistoryListener({ path }: { readonly path: string }): Listener {
  let iteration: number | undefined;
  let phase: Phase | undefined;
  const write = (timestamp: string, signal: Readonly<Record<string, string | undefined>>): void =>
    appendLine(path, visibleJson({ timestamp, iteration, phase, ...signal }));
  return {
    name: "signal_history",
    hear(event: RecordedEvent): void {
      if (event.type === "iteration.started") ({ iteration, phase } = event);
      if (event.type === "signal.received") write(event.at, signalFields(event.signal));
      if (event.type === "signal.refused") write(event.at, { status: "refused", reason: event.problem });
    },
  };
}

function signalFields(signal: Signal): Readonly<Record<string, string | undefined>> {
  // A signal names the next phase; in this file, `phase` is the one in which it was written.
  const { phase: next, ...fields } = signal;
  return { ...fields, next };
}

/** JSON without characters that a terminal would obey or hide: people read this file with `cat`. */
function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""));
}
