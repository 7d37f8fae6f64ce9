/**
 * Writes `session.log`: one readable line an event, in a few files of bounded size.
 *
 * @module
 */
import type { RecordedEvent } from "../workflow/session_event.ts";
import { appendLine, sizeOfOwnFile } from "./append_line.ts";
import { describeEvent } from "../messages/describe_event.ts";
import type { Listener } from "./listener.ts";

/** Where the log is and how large it may grow. */
export interface LogFileOptions {
  readonly path: string;
  /** The file is moved aside before it would grow over this. */
  readonly maxBytes?: number;
  /** How many older files stay: `session.log.1`, the newest of them, and so on. */
  readonly keep?: number;
}

/** Makes the listener that writes the readable log. */
export function logFileListener({ path, maxBytes = 5 * 1024 * 1024, keep = 3 }: LogFileOptions): Listener {
  return {
    name: "log_file",
    hear(event: RecordedEvent): void {
      const line = `${event.at}  ${describeEvent(event, { maxText: 2000 })}`;
      const size = sizeOfOwnFile(path);
      if (size > 0 && size + new TextEncoder().encode(line).length + 1 > maxBytes) rotate(path, keep);
      appendLine(path, line);
    },
  };
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
