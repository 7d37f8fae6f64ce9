/**
 * The file in which an agent leaves its signal. Only the loop touches it: whoever merely looks at a session need not
 * load what reads signals.
 *
 * @module
 */
import { MAX_SIGNAL_BYTES, readSignal, type SignalReading } from "../workflow/signal.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { lstatIfExists, readBytesIfExists, removeIfExists } from "../system/files/files.ts";
import type { Layout } from "./layout.ts";

/**
 * Deletes the signal of the iteration before. Rather than truncate: an empty file would look like a quiet agent.
 *
 * @throws {SamocodeError} Where it cannot be deleted: it would count for the next iteration.
 */
export function clearSignal({ signal }: Layout): void {
  try {
    if (lstatIfExists(signal)?.isDirectory) Deno.removeSync(signal, { recursive: true });
    else removeIfExists(signal);
  } catch (error) {
    throw new SamocodeError("system", `Cannot delete the last signal ${signal}: ${messageOf(error)}`, {
      hint: "Delete it by hand, then run the session again",
      cause: error,
    });
  }
}

/** Reads what the agent left as its signal. Never throws for what an agent can do. */
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
