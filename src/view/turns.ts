/**
 * Lets a few things happen at once, and has the others wait in a line that does not grow without end.
 *
 * @module
 */

/** A line in front of what takes long. */
export class Turns {
  readonly #most: number;
  readonly #longest: number;
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  /** @param limits How many act at once, and how many may wait. */
  constructor({ most, longest }: { readonly most: number; readonly longest: number }) {
    this.#most = most;
    this.#longest = longest;
  }

  /** Acts in its turn. Returns `undefined` where too many wait. */
  async take<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (this.#active >= this.#most) {
      if (this.#waiting.length >= this.#longest) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#active++;
    try {
      return await act();
    } finally {
      // Whoever comes next takes this place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#active--;
      else next();
    }
  }
}
