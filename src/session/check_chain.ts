/**
 * Whether a journal is as this program left it.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import type { Extent, Head, Place } from "./chain_head.ts";

/** A line that nobody announced. */
export interface ForeignLine {
  readonly number: number;
  /** The type of the event that it would be; `undefined` for none. */
  readonly type: string | undefined;
  /** The offset of its first byte. */
  readonly start: number;
}

/** A journal as it was read. */
export interface ReadJournal {
  readonly place: Place;
  readonly boot: string;
  /** The end of the last whole line. */
  readonly end: number;
  /** The length of the incomplete line behind it. */
  readonly tornBytes: number;
  /** The end of the last event that is not an agent's action or message. */
  readonly lastActEnd: number;
  readonly beganWith: (extent: Extent) => boolean;
  readonly foreign: readonly ForeignLine[];
}

/** What is wrong with a journal, in words; `undefined` if nothing is. */
export function findTampering(head: Head, journal: ReadJournal): string | undefined {
  const { done, next } = head;
  const { place, end, tornBytes, beganWith, foreign } = journal;
  if (head.place.folder !== place.folder && head.place.path !== place.path) {
    return "it belongs to the session in another folder";
  }
  const isAppending = next.bytes > done.bytes && end === done.bytes && end + tornBytes < next.bytes;
  if (end === done.bytes && beganWith(done) && (tornBytes === 0 || isAppending)) return undefined;
  if (end === next.bytes && beganWith(next) && tornBytes === 0) return undefined;
  if (survivedPowerLoss(head, journal)) return undefined;
  if (end + tornBytes < done.bytes) return `${done.bytes - end - tornBytes} bytes are missing at its end`;
  if (!beganWith(done) && !(foreign.length > 0 && beganWith(next))) return "lines in it were changed or removed";
  return `${nameLines(foreign)} not written by samocode`;
}

/** Another program wrote into the journal of a running worker. Its lines are invalidated and the journal stays usable. */
export class ForgedLineError extends SamocodeError {
  constructor(path: string, lines: readonly ForeignLine[]) {
    super("conflict", `Cannot trust the journal ${path}: ${nameLines(lines)} not written by samocode`, {
      hint:
        "Samocode ignores it and has marked it with #. Check the agent's log for who wrote it, then run the session again",
    });
  }
}

/** Names the first lines, each with what it claims to be. */
function nameLines(lines: readonly ForeignLine[]): string {
  if (lines.length === 0) return "what is at its end was";
  const shown = lines.slice(0, 3).map(({ number, type }) => `line ${number} (${type ?? "no event"})`).join(", ");
  if (lines.length > 3) return `${shown} and ${lines.length - 3} more were`;
  return `${shown} ${lines.length === 1 ? "was" : "were"}`;
}

/**
 * What agents do and say is not waited for by the disk, neither in the journal nor in its head. After the machine
 * stopped, either may have more of it than the other. It decides nothing.
 */
function survivedPowerLoss({ done, next, flushed, boot }: Head, journal: ReadJournal): boolean {
  if (boot === journal.boot || boot === "") return false;
  return [next, done, flushed].some((extent) => journal.lastActEnd <= extent.bytes && journal.beganWith(extent));
}
