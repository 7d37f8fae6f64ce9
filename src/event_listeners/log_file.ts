/**
 * Writes `session.log`, a readable line per event, and `_signal_history.jsonl`, a line for each signal that an agent
 * wrote, valid or not.
 *
 * @module
 */
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Signal } from "../workflow/iteration_events.ts";
import { lstatIfExists, writeAll } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { describeEvent, hasLine } from "../messages/describe_event.ts";
import type { EventListener } from "./fan_out.ts";
import type { Phase } from "../workflow/phases.ts";

/** Where the log is and how large it may grow. */
export interface LogFileOptions {
  readonly path: string;
  /** A file larger than this is rotated when a run starts. */
  readonly maxBytes?: number;
  /** How many rotated files are kept: `session.log.1` is the newest. */
  readonly keep?: number;
}

/** Makes the listener that writes the readable log. */
export function logFileListener({ path, maxBytes = 5 * 1024 * 1024, keep = 3 }: LogFileOptions): EventListener {
  return {
    name: "log_file",
    hear(event: RecordedEvent): void {
      // Never during an attempt: the guard protects the file that was there when the attempt began.
      if (!hasLine(event)) return;
      if (event.type === "session.started" && sizeOfOwnFile(path) > maxBytes) rotate(path, keep);
      appendLine(path, `${event.at}  ${describeEvent(event, { maxText: 2000 })}`);
    },
  };
}

/**
 * Appends a line to a file in the session folder. The file is opened each time, so that others may move or remove it.
 *
 * @param line Without its newline.
 * @throws {SamocodeError} If the path is not a regular file: a pipe would hang the session, and a link could lead out of
 * the folder.
 */
export function appendLine(path: string, line: string): void {
  const size = sizeOfOwnFile(path);
  using file = Deno.openSync(path, { read: true, append: true, create: true, mode: 0o600 });
  // A writer that died, or a full disk, may have left half a line.
  const last = new Uint8Array(1);
  const isTorn = size > 0 && file.seekSync(-1, Deno.SeekMode.End) >= 0 && file.readSync(last) === 1 && last[0] !== 10;
  writeAll(file, new TextEncoder().encode(`${isTorn ? "\n" : ""}${line}\n`));
}

/** In bytes; 0 if there is no file. */
function sizeOfOwnFile(path: string): number {
  const found = lstatIfExists(path);
  if (found === undefined || found.isFile) return found?.size ?? 0;
  throw new SamocodeError("system", `Cannot append to ${path}: not a regular file`, {
    hint: "Move it away; samocode creates a new one",
  });
}

function rotate(path: string, keep: number): void {
  for (let age = keep; age > 0; age--) {
    const younger = age === 1 ? path : `${path}.${age - 1}`;
    try {
      Deno.renameSync(younger, `${path}.${age}`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  if (keep === 0) Deno.removeSync(path);
}

/** The keys of every line, as the original program writes them: what does not apply is null. */
const NO_SIGNAL = { status: null, summary: null, reason: null, needs: null, for: null } as const;

/** Makes the listener that keeps the history of signals. */
export function signalHistoryListener({ path }: { readonly path: string }): EventListener {
  let iteration: number | null = null;
  let phase: Phase | null = null;
  const write = (timestamp: string, signal: Readonly<Record<string, string | undefined>>): void =>
    appendLine(path, visibleJson({ timestamp, iteration, phase, ...NO_SIGNAL, ...signal }));
  return {
    name: "signal_history",
    hear(event: RecordedEvent): void {
      // The run after a crash ends the attempt that the last one started.
      if (event.type === "iteration.started" || event.type === "iteration.ended") ({ iteration, phase } = event);
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
