/**
 * What a process that is asked again and again has read of journals, so that a long one is not read anew each time.
 *
 * @module
 */
import type { History } from "../workflow/history.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { FoldStory, Story } from "../workflow/story.ts";
import type { RunningHash } from "./running_hash.ts";

/** What all complete lines add up to, as far as they were read and the head vouched for them. */
export interface Reading {
  readonly history: History;
  /** `undefined` if nobody has asked for it. */
  readonly told: Told | undefined;
  readonly news: readonly RecordedEvent[];
  readonly milestones: readonly Milestone[];
  readonly chain: string;
  readonly hash: RunningHash;
  readonly lines: number;
  readonly lastActEnd: number;
}

/** A story, and what goes on with it. */
export interface Told {
  readonly story: Story;
  readonly fold: FoldStory;
}

/** An event at which a wait may end. */
export interface Milestone {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly type: "session.started" | "session.stopped" | "phase.entered";
}

/** A reading, and the file as it was before it. */
export interface KeptReading {
  readonly reading: Reading;
  readonly stamp: Stamp;
}

/** Tells two states of a file apart. Times are in milliseconds since 1970. */
export interface Stamp {
  readonly inode: string;
  readonly bytes: number;
  readonly writtenAt: number | undefined;
  /** Nobody can set it back, but Deno tells only whole seconds. `undefined` on systems without it. */
  readonly changedAt: number | undefined;
  readonly takenAt: number;
}

/** A history may have the text of a long task. */
const MAX_KEPT = 16;
/** A shorter journal takes about a millisecond to read. */
export const WORTH_KEEPING_BYTES = 64 * 1024;
/** A younger file may change and keep its stamp: some file systems count in steps of two seconds. */
const YOUNG_MS = 2_500;

/** The latest readings, by the journal's path. */
export class KeptJournals {
  readonly #readings = new Map<string, KeptReading>();
  readonly #most: number;

  constructor(most: number = MAX_KEPT) {
    this.#most = most;
  }

  get(path: string): KeptReading | undefined {
    return this.#readings.get(path);
  }

  /** Keeps a reading in place of the journal's last one; `undefined` for one that does not count. */
  keep(path: string, kept: KeptReading | undefined): void {
    this.#readings.delete(path);
    if (kept === undefined || !isWorthKeeping(kept)) return;
    this.#readings.set(path, kept);
    const [oldest] = this.#readings.keys();
    if (this.#readings.size > this.#most && oldest !== undefined) this.#readings.delete(oldest);
  }
}

function isWorthKeeping({ reading, stamp: { bytes, changedAt, takenAt } }: KeptReading): boolean {
  if (bytes < WORTH_KEEPING_BYTES) return false;
  return reading.history.running || (changedAt !== undefined && Math.abs(takenAt - changedAt) > YOUNG_MS);
}

/** The stamp of an open file. */
export function stampOf(file: Deno.FsFile): Stamp {
  const { dev, ino, size, mtime, ctime } = file.statSync();
  return {
    inode: `${dev}:${ino ?? "-"}`,
    bytes: size,
    writtenAt: mtime?.getTime(),
    changedAt: ctime?.getTime(),
    takenAt: Date.now(),
  };
}
