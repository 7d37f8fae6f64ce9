/**
 * Cuts a row of a terminal into pieces that can be placed one by one, so that columns stay columns in any font.
 *
 * @module
 */
import type { Cell, Look, Row } from "./terminal.ts";

/** Characters that follow each other and look the same. */
export interface Run {
  readonly column: number;
  readonly text: string;
  readonly look: Look;
  /** Holds what not every monospaced font has: it may come from another font, of another width. */
  readonly isSymbol: boolean;
}

/** What every monospaced font has. */
const COMMON = /[\u0020-\u007e\u00a0-\u00ff\u2026]/u;

/** The pieces of a row, without the blanks around them; one blank within a piece stays. */
export function rowRuns(row: Row): readonly Run[] {
  const runs: Run[] = [];
  let blanks = 0;
  for (const [column, cell] of row.entries()) {
    if (cell === undefined || cell.character === " ") {
      blanks += 1;
      continue;
    }
    const isSymbol = !COMMON.test(cell.character);
    const last = runs.at(-1);
    if (last !== undefined && blanks <= 1 && last.isSymbol === isSymbol && looksAs(last.look, cell)) {
      runs[runs.length - 1] = { ...last, text: last.text + " ".repeat(blanks) + cell.character };
    } else {
      runs.push({ column, text: cell.character, look: cell.look, isSymbol });
    }
    blanks = 0;
  }
  return runs;
}

function looksAs(look: Look, { look: other }: Cell): boolean {
  return look.color === other.color && look.isBold === other.isBold && look.isDim === other.isDim;
}
