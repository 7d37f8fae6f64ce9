/**
 * A pause that an `AbortSignal` can end. Deno 2.4 ignores the signal of `setTimeout` from `node:timers/promises`.
 *
 * @module
 */

/** Resolves after a time or when it is aborted. */
export function pause(ms: number, abort: AbortSignal): Promise<void> {
  if (abort.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      abort.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    abort.addEventListener("abort", end);
  });
}
