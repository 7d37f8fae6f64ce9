/**
 * The paths under which a session's files are in the engine. They are outside input twice: agents name files, and rows
 * become files.
 *
 * @module
 */
import { isDeviceName } from "../session/session_name.ts";
import { platform } from "../system/platform.ts";

/** Deeper than any session, and short enough for every system. */
const MAX_DEPTH = 8;
const MAX_LENGTH = 240;

/** Letters and digits of any script, and what people put between them; nothing hidden, and nothing at the ends. */
const SEGMENT = /^[\p{L}\p{N}_([](?:[\p{L}\p{M}\p{N} ._:,@+=()[\]~#%&'!-]*[\p{L}\p{M}\p{N}_+=()[\]~#%&'!-])?$/u;

const MACHINES: ReadonlySet<string> = new Set(["_journal.jsonl", "_lock", "_signal.json", "worker.log"]);

/** Whether a path, relative to the session's folder and with slashes, may be a stored file's. */
export function isStorable(path: string): boolean {
  const segments = path.split("/");
  return path.length <= MAX_LENGTH && segments.length <= MAX_DEPTH && segments.every(isHarmless) &&
    !isMachines(path) && (platform().allowsColon || !path.includes(":"));
}

/** Whether a file is the machine's own, or kept as rows of the journal. Some systems take both cases for one name. */
export function isMachines(path: string): boolean {
  return MACHINES.has(path.toLowerCase());
}

function isHarmless(segment: string): boolean {
  return SEGMENT.test(segment) && !isDeviceName(segment);
}
