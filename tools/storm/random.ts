/**
 * Random numbers that a seed repeats.
 *
 * @module
 */

/** A stream of random numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The next number, from 0 to below 1 (mulberry32 by Tommy Ettinger, public domain). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** One of several values. */
  pick<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.next() * values.length)] ?? values[0];
  }

  /** So many of the values, in their order. */
  sample<T>(values: readonly T[], count: number): readonly T[] {
    const kept = values.map((_, index) => ({ index, rank: this.next() })).sort((a, b) => a.rank - b.rank).slice(
      0,
      count,
    );
    const indices = new Set(kept.map(({ index }) => index));
    return values.filter((_, index) => indices.has(index));
  }
}
