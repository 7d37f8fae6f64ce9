/**
 * Waits between attempts, and stops waiting as soon as somebody asks for a stop.
 *
 * @module
 */
import type { SessionFolder } from "../session/session_folder.ts";
import { type Clock, SYSTEM_CLOCK } from "../system/clock.ts";
import { FileWatch } from "../system/files/file_watch.ts";

/** Waits for `ms` by either clock, or until the run is aborted or the journal has a stop request. */
export async function rest(
  folder: SessionFolder,
  { ms, abort, clock = SYSTEM_CLOCK }: {
    readonly ms: number;
    readonly abort: AbortSignal;
    readonly clock?: Clock;
  },
): Promise<void> {
  if (ms <= 0) return;
  using watch = new FileWatch(folder.layout.journal);
  const wake = () => watch.wake();
  abort.addEventListener("abort", wake);
  try {
    const begun = { calendar: clock.calendar(), steady: clock.steady() };
    while (!abort.aborted && folder.history.stopRequestedBy === undefined) {
      // The longer of the two: a wall clock that is set back must not prolong the rest.
      const left = ms - Math.max(clock.calendar() - begun.calendar, clock.steady() - begun.steady);
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
