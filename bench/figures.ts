/**
 * Measuring in turns, and saying what came of it with its spread: a machine is noisy, and one number hides that.
 *
 * @module
 */

/** Something that is measured again and again. */
export class Series<Figure = number> {
  readonly #measure: () => Promise<Figure>;
  readonly #figures: Figure[] = [];

  /** @param measure Does it once and says what it took. */
  constructor(measure: () => Promise<Figure>) {
    this.#measure = measure;
  }

  /** What was measured, the oldest first. */
  get figures(): readonly Figure[] {
    return this.#figures;
  }

  /** Measures once; a warm-up is not kept. */
  async measure({ keep }: { readonly keep: boolean }): Promise<void> {
    const figure = await this.#measure();
    if (keep) this.#figures.push(figure);
  }
}

/**
 * Measures A B C, A B C, …: whatever else the machine does meets all of them alike. One more round goes before, to
 * warm up.
 */
export async function inTurns(
  series: readonly Pick<Series, "measure">[],
  { rounds }: { readonly rounds: number },
): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    for (const one of series) await one.measure({ keep: round > 0 });
  }
}

/** The least, the middle and the most of some numbers. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The spread of numbers; all NaN where there are none. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return { min: at(0), median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, max: at(sorted.length - 1) };
}

/** One line: the median of what was measured, and between what it lay. */
export function figureLine(label: string, { figures, unit }: { figures: readonly number[]; unit: string }): string {
  return line(label, { figures, unit: ` ${unit}` });
}

/** One line: how many times the floor it is, round by round, so that a slow minute of the machine counts on both sides. */
export function ratioLine(
  label: string,
  { of, to }: { readonly of: readonly number[]; readonly to: readonly number[] },
): string {
  return line(label, { figures: of.map((figure, round) => figure / (to[round] ?? NaN)), unit: " ×" });
}

function line(label: string, { figures, unit }: { figures: readonly number[]; unit: string }): string {
  const { min, median, max } = spreadOf(figures);
  return `  ${label.padEnd(52)} ${(short(median) + unit).padStart(12)}   (${short(min)} … ${short(max)})`;
}

function short(figure: number): string {
  if (!Number.isFinite(figure)) return "?";
  return figure.toFixed(Math.abs(figure) >= 100 ? 0 : Math.abs(figure) >= 10 ? 1 : 2);
}
