/**
 * Waiting between attempts, so that a wish to stop is heard at once.
 *
 * @module
 */
import type { SessionFolder } from "../session/session_folder.ts";
import { FileWatch } from "../system/files/file_watch.ts";

/** What tells how long a rest has lasted. */
export interface RestClock {
  /** Milliseconds by the calendar: goes on while the machine sleeps, and jumps when somebody sets it. */
  readonly calendar: () => number;
  /** Milliseconds by a clock that nobody sets, and that may stand still while the machine sleeps. */
  readonly steady: () => number;
}

const SYSTEM_CLOCK: RestClock = { calendar: () => Date.now(), steady: () => performance.now() };

/** Rests for so long by either clock, or until the run is aborted or somebody asks in the journal for a stop. */
export async function rest(
  folder: SessionFolder,
  { ms, abort, clock = SYSTEM_CLOCK }: {
    readonly ms: number;
    readonly abort: AbortSignal;
    readonly clock?: RestClock;
  },
): Promise<void> {
  if (ms <= 0) return;
  using watch = new FileWatch(folder.layout.journal);
  const wake = () => watch.wake();
  abort.addEventListener("abort", wake);
  try {
    const begun = { calendar: clock.calendar(), steady: clock.steady() };
    while (!abort.aborted && folder.history.stopRequestedBy === undefined) {
      // The longer of the two: a clock that was set back must not lengthen a rest by hours.
      const left = ms - Math.max(clock.calendar() - begun.calendar, clock.steady() - begun.steady);
      if (left <= 0) return;
      await watch.changed(Math.min(left, LONGEST_TIMER_MS));
      folder.journal.refresh();
    }
  } finally {
    abort.removeEventListener("abort", wake);
  }
}

/** Also a safety look, for file systems on which a watch stays silent. */
const LONGEST_TIMER_MS = 60_000;
