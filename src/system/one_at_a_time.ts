/**
 * Serializes asynchronous tasks.
 *
 * @module
 */

/** Runs one task after the other. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a queue: a task begins when the one before has ended, however it ended. */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}
