/**
 * Time, as far as a session waits for it. Tests bring a clock of their own, on which a night takes seconds.
 *
 * @module
 */

/** Measures time and waits for it. */
export interface Clock {
  /** Wall clock in milliseconds: continues while the machine sleeps, and jumps when it is set. */
  readonly calendar: () => number;
  /** Monotonic clock in milliseconds: may stop while the machine sleeps. */
  readonly steady: () => number;
  /** How long the system's timer must run for so many milliseconds of this clock. */
  readonly timer: (ms: number) => number;
}

/** The machine's own clock. */
export const SYSTEM_CLOCK: Clock = {
  calendar: () => Date.now(),
  steady: () => performance.now(),
  timer: (ms) => ms,
};
