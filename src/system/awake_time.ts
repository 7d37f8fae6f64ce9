/**
 * Time as this process lives it. Neither a machine that sleeps nor a process that is stopped (SIGSTOP, a paused
 * container) lets any of it pass: nobody was silent or slow meanwhile.
 *
 * @module
 */

/** How often to look at the clock. */
const BEAT_MS = 1_000;

/** A look that comes later than this was held up. A busy event loop is late by far less. */
const LATE_MS = 2 * BEAT_MS;

/** Measures such time until it is disposed. */
export class AwakeTime implements Disposable {
  #passedMs = 0;
  #lookedAt = performance.now();
  readonly #beat = setInterval(() => this.#look(), BEAT_MS);
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** How much has passed. Of a time that was slept, at most a second. */
  get ms(): number {
    return this.#passedMs + Math.min(performance.now() - this.#lookedAt, BEAT_MS);
  }

  /** Calls back once so much has passed, unless the returned function is called before. */
  after(ms: number, act: () => void): () => void {
    const endsAt = this.ms + ms;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (): void => {
      this.#timers.add(timer = setTimeout(check, Math.max(0, endsAt - this.ms)));
    };
    const check = (): void => {
      this.#forget(timer);
      if (this.ms >= endsAt) act();
      else wait();
    };
    wait();
    return () => this.#forget(timer);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#beat);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #look(): void {
    const now = performance.now();
    const passed = now - this.#lookedAt;
    this.#passedMs += passed > LATE_MS ? BEAT_MS : passed;
    this.#lookedAt = now;
  }

  #forget(timer: ReturnType<typeof setTimeout> | undefined): void {
    clearTimeout(timer);
    if (timer !== undefined) this.#timers.delete(timer);
  }
}
