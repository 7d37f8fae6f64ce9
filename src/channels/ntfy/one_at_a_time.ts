/**
 * Keeps requests apart that are made with different tokens, or without.
 *
 * @module
 */

/** Does one thing after the other. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * ntfy keeps one visitor for an address, and notes in it who asks: with 2.11, one of 60 questions without a token that
 * were asked beside others with one got the answer of these, and so do those with different tokens.
 */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}
