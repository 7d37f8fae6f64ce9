/**
 * The page's colours for a canvas, which knows no custom properties.
 *
 * @module
 */

/** Resolves custom properties to colours. */
export class Palette {
  readonly #probe: HTMLElement;
  readonly #known = new Map<string, string>();

  /** @param box Where the colours hold. */
  constructor(box: HTMLElement) {
    this.#probe = document.createElement("i");
    this.#probe.hidden = true;
    box.append(this.#probe);
  }

  /** The colour of a custom property such as `--muted`, as it is now. */
  colour(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    // The property itself may hold var() and light-dark(); a color that uses it is resolved.
    this.#probe.style.color = `var(${name})`;
    const colour = getComputedStyle(this.#probe).color;
    this.#known.set(name, colour);
    return colour;
  }

  /** The theme has changed. */
  forget(): void {
    this.#known.clear();
  }
}
