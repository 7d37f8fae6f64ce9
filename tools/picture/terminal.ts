/**
 * A terminal that remembers all its rows and their colours. It understands what the program's console and Deno's line
 * editor write, and refuses the rest: a picture must not show what no terminal shows.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { displayWidth } from "../../src/text/terminal_text.ts";

/** The eight basic colours that are used, as ECMA-48 numbers them from 30. */
export type Color = "red" | "green" | "yellow" | "magenta" | "cyan";

/** How a character looks. */
export interface Look {
  readonly color: Color | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

/** One character in its column. */
export interface Cell {
  readonly character: string;
  readonly look: Look;
}

/** From the first column; nothing stands where a cell is missing. */
export type Row = readonly (Cell | undefined)[];

/** What a terminal holds at one moment. */
export interface Screen {
  /** All rows since the beginning. */
  readonly rows: readonly Row[];
  /** Which of them is the uppermost that is seen. */
  readonly top: number;
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

/** Compares what two rows show. */
export function isSameRow(one: Row, other: Row): boolean {
  return one === other || isDeepStrictEqual([...one], [...other]);
}

const PLAIN: Look = { color: undefined, isBold: false, isDim: false };

const COLORS: Readonly<Record<number, Color>> = { 31: "red", 32: "green", 33: "yellow", 35: "magenta", 36: "cyan" };

/** Bracketed paste and synchronized output: they change nothing that is seen. */
const UNSEEN_MODES: ReadonlySet<string> = new Set(["?2004h", "?2004l", "?2026h", "?2026l"]);

// deno-lint-ignore no-control-regex -- what a terminal reads
const PARTS = /\u001b\[[?\d;]*[A-Za-z]|\u001b\[?[?\d;]*$|[^\u001b]/gu;

/** Takes what programs write, in pieces cut anywhere. */
export class Terminal {
  readonly #columns: number;
  readonly #height: number;
  #rows: Row[] = [[]];
  #top = 0;
  #row = 0;
  #column = 0;
  #look = PLAIN;
  #isCursorShown = true;
  #rest = "";

  constructor(columns: number, height: number) {
    this.#columns = columns;
    this.#height = height;
  }

  get screen(): Screen {
    const cursor = this.#isCursorShown
      ? { row: this.#row, column: Math.min(this.#column, this.#columns - 1) }
      : undefined;
    return { rows: [...this.#rows], top: this.#top, cursor };
  }

  /** @throws {Error} Where the text holds a sequence, control or character that this terminal does not know. */
  write(text: string): void {
    const whole = this.#rest + text;
    this.#rest = "";
    let end = 0;
    for (const { 0: part, index } of whole.matchAll(PARTS)) {
      if (index !== end) break;
      end += part.length;
      if (part === "\r") this.#column = 0;
      else if (part === "\n") this.#feed();
      else if (!part.startsWith("\u001b")) this.#put(part);
      else if (/[A-Za-z]$/.test(part)) this.#obey(part.slice(2));
      else this.#rest = part;
    }
    if (end < whole.length) throw new Error(`Cannot obey ${JSON.stringify(whole.slice(end, end + 10))}`);
  }

  #put(character: string): void {
    if (/[\p{Cc}\p{Cf}]/u.test(character) || displayWidth(character) !== 1) {
      throw new Error(`Cannot show ${JSON.stringify(character)}`);
    }
    // A full row wraps only when something follows, as terminals do.
    if (this.#column === this.#columns) {
      this.#column = 0;
      this.#feed();
    }
    const row = [...this.#current()];
    row[this.#column] = { character, look: this.#look };
    this.#rows[this.#row] = row;
    this.#column += 1;
  }

  #feed(): void {
    this.#row += 1;
    if (this.#row === this.#rows.length) this.#rows.push([]);
    this.#top = Math.max(this.#top, this.#row - this.#height + 1);
  }

  #obey(code: string): void {
    const count = Number.parseInt(code);
    if (code.endsWith("m")) { for (const number of code.slice(0, -1).split(";")) this.#paint(Number(number)); }
    else if (code === "K") this.#rows[this.#row] = this.#current().slice(0, this.#column);
    else if (code === "J") this.#eraseBelow();
    else if (code === "?25h" || code === "?25l") this.#isCursorShown = code === "?25h";
    else if (code.endsWith("A") && count > 0) this.#row = Math.max(this.#top, this.#row - count);
    else if (code.endsWith("C") && count > 0) this.#column = Math.min(this.#columns - 1, this.#column + count);
    else if (!UNSEEN_MODES.has(code)) throw new Error(`Cannot obey ${JSON.stringify(code)}`);
  }

  #eraseBelow(): void {
    this.#rows[this.#row] = this.#current().slice(0, this.#column);
    for (let row = this.#row + 1; row < this.#rows.length; row++) this.#rows[row] = [];
  }

  #paint(number: number): void {
    const color = COLORS[number];
    if (color !== undefined) this.#look = { ...this.#look, color };
    else if (number === 0) this.#look = PLAIN;
    else if (number === 1) this.#look = { ...this.#look, isBold: true };
    else if (number === 2) this.#look = { ...this.#look, isDim: true };
    else if (number === 22) this.#look = { ...this.#look, isBold: false, isDim: false };
    else if (number === 39) this.#look = { ...this.#look, color: undefined };
    else throw new Error(`Cannot paint ${number}`);
  }

  #current(): Row {
    return this.#rows[this.#row] ?? [];
  }
}
