/**
 * The paths of a session's files in the engine. They are untrusted in both directions: agents name the files, and rows
 * become files.
 *
 * @module
 */
import { isDeviceName } from "../session/session_name.ts";
import { platform } from "../system/platform.ts";

/** Beyond any session's needs, and within every system's limits. */
const MAX_DEPTH = 8;
const MAX_LENGTH = 240;

/** Letters and digits of any script with common punctuation; no hidden characters, and no space or dot at the ends. */
const SEGMENT = /^[\p{L}\p{N}_([](?:[\p{L}\p{M}\p{N} ._:,@+=()[\]~#%&'!-]*[\p{L}\p{M}\p{N}_+=()[\]~#%&'!-])?$/u;

const MACHINES: ReadonlySet<string> = new Set(["_journal.jsonl", "_lock", "_signal.json", "worker.log"]);

/** Whether a file with this path, relative to the session's folder and with slashes, may be stored. */
export function isStorable(path: string): boolean {
  const segments = path.split("/");
  return path.length <= MAX_LENGTH && segments.length <= MAX_DEPTH && segments.every(isHarmless) &&
    !isMachines(path) && (platform().allowsColon || !path.includes(":"));
}

/** Whether a file belongs to this machine only, or is stored as journal rows. Ignores case, as some file systems do. */
export function isMachines(path: string): boolean {
  return MACHINES.has(path.toLowerCase());
}

function isHarmless(segment: string): boolean {
  return SEGMENT.test(segment) && !isDeviceName(segment);
}
