/**
 * Serializes requests that are made with different tokens or without one.
 *
 * @module
 */

/** Runs one task after the other. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Makes a queue. ntfy keeps one visitor per address and stores in it who is asking: with 2.11, one of 60 requests
 * without a token, sent in parallel with requests that had one, got their answer. Different tokens are mixed up in the
 * same way.
 */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}
