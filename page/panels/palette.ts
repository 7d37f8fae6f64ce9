/**
 * The page's colours for a canvas, looked up once for each theme.
 *
 * @module
 */
import { colourOf } from "../theme.ts";

/** Knows the colours of custom properties such as `--muted`. */
export class Palette {
  readonly #known = new Map<string, string>();

  /** The colour of a property as it is now. */
  colour(name: string): string {
    const colour = this.#known.get(name) ?? colourOf(name);
    this.#known.set(name, colour);
    return colour;
  }

  /** The theme has changed. */
  forget(): void {
    this.#known.clear();
  }
}
