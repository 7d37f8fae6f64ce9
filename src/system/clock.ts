/**
 * Time, as far as a session waits for it. Tests bring a clock of their own, on which a night takes seconds.
 *
 * @module
 */

/** Measures time and waits for it. */
export interface Clock {
  /** Wall clock in milliseconds: continues while the machine sleeps, and jumps when it is set. */
  readonly calendar: () => number;
  /** Milliseconds that really passed, asleep or awake, whatever the wall clock is set to. */
  readonly steady: () => number;
  /** How long the system's timer must run for so many milliseconds of this clock. */
  readonly timer: (ms: number) => number;
}

/** The machine's own clock. */
export const SYSTEM_CLOCK: Clock = {
  calendar: () => Date.now(),
  steady: () => uptimeMs() ?? Math.max(performance.now(), Date.now() - performance.timeOrigin),
  timer: (ms) => ms,
};

/**
 * Linux's CLOCK_BOOTTIME, see proc_uptime(5); `undefined` elsewhere. Timers and `performance.now()` stand still while the
 * machine sleeps.
 */
function uptimeMs(): number | undefined {
  try {
    return Number.parseFloat(Deno.readTextFileSync("/proc/uptime")) * 1000;
  } catch {
    return undefined;
  }
}
