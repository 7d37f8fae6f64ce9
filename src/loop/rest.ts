/**
 * Waits between attempts, and stops waiting as soon as somebody asks for a stop.
 *
 * @module
 */
import type { SessionFolder } from "../session/session_folder.ts";
import { type Clock, SYSTEM_CLOCK } from "../system/clock.ts";
import { FileWatch } from "../system/files/file_watch.ts";

/** What to wait for. */
export interface RestOptions {
  readonly ms: number;
  /** Ends it instead, as soon as the wall clock says so. */
  readonly untilMs?: number | undefined;
  /** The longest that it may take then, whatever the wall clock is set to. */
  readonly maxMs?: number;
  readonly abort: AbortSignal;
  readonly clock?: Clock;
}

/** Waits until a pause is over, the run is aborted or the journal has a stop request. */
export async function rest(
  folder: SessionFolder,
  { ms, untilMs, maxMs = ms, abort, clock = SYSTEM_CLOCK }: RestOptions,
): Promise<void> {
  if (ms <= 0) return;
  using watch = new FileWatch(folder.layout.journal);
  // What was appended before the watch began wakes nobody.
  folder.journal.refresh();
  const wake = () => watch.wake();
  abort.addEventListener("abort", wake);
  try {
    const begun = clock.steady();
    while (!abort.aborted && folder.history.stopRequestedBy === undefined) {
      const passed = clock.steady() - begun;
      const left = untilMs === undefined ? ms - passed : Math.min(untilMs - clock.calendar(), maxMs - passed);
      if (left <= 0) return;
      await watch.changed(clock.timer(Math.min(left, LONGEST_TIMER_MS)));
      folder.journal.refresh();
    }
  } finally {
    abort.removeEventListener("abort", wake);
  }
}

/** Also how often to check on file systems that report no changes. */
const LONGEST_TIMER_MS = 60_000;
