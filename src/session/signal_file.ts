/**
 * The file in which an agent writes its signal. A module of its own, because only the loop needs the signal's parser.
 *
 * @module
 */
import { MAX_SIGNAL_BYTES, readSignal, type SignalReading } from "../workflow/signal.ts";
import { messageOf, systemError } from "../text/errors.ts";
import { lstatIfExists, readBytesIfExists, removeIfExists } from "../system/files/files.ts";
import type { Layout } from "./layout.ts";

/**
 * Deletes the last signal.
 *
 * @throws {SamocodeError} If it cannot be deleted: it would count for the next iteration.
 */
export function clearSignal({ signal }: Layout): void {
  try {
    if (lstatIfExists(signal)?.isDirectory) Deno.removeSync(signal, { recursive: true });
    else removeIfExists(signal);
  } catch (error) {
    const hint = "Delete it by hand, then run the session again";
    throw systemError(`Cannot delete the last signal ${signal}`, { error, hint });
  }
}

/** Reads the agent's signal. Never throws because of what an agent did. */
export function takeSignal({ signal }: Layout): SignalReading {
  try {
    const found = lstatIfExists(signal);
    if (found === undefined) return { kind: "missing" };
    const bytes = found.isFile ? readBytesIfExists(signal, MAX_SIGNAL_BYTES + 1) : "not-a-file";
    return bytes === "not-a-file" ? { kind: "malformed", problem: "is not a regular file" } : readSignal(bytes);
  } catch (error) {
    return { kind: "malformed", problem: `cannot be read: ${messageOf(error)}` };
  }
}
