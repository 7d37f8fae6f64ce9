/**
 * A terminal with permanent rows and, below them, a live area that is redrawn in place. Rows are styled text: cut to a
 * width first, turned into escape codes last.
 *
 * @module
 */
import { cutToWidth, displayWidth } from "../text/terminal_text.ts";

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const ERASE_TO_END_OF_LINE = "\u001b[K";
const ERASE_BELOW = "\u001b[J";

type Row = readonly Span[];

/** Where a screen writes. */
export interface ScreenOptions {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  readonly color: boolean;
}

/** Owns the cursor: it is hidden while there is a live area. */
export class Screen {
  readonly #options: ScreenOptions;
  #live: readonly Row[] = [];
  #drawn = "";

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  /**
   * Writes permanent rows above the live area, and redraws the live area.
   *
   * @param live No row may be wider than the terminal; an empty list removes the area.
   */
  show(permanent: readonly Row[], live: readonly Row[]): void {
    const { write, color } = this.#options;
    const drawn = live.map((row) => paint(row, color)).join(`${ERASE_TO_END_OF_LINE}\r\n`);
    if (permanent.length === 0 && drawn === this.#drawn) return;
    // Erased cells behind a permanent row would become rows of their own in a narrower window.
    const kept = permanent.map((row) => `${paint(row, color)}\r\n`).join("");
    const text = this.#home() + (kept === "" ? "" : ERASE_BELOW + kept) + drawn + ERASE_BELOW;
    const hide = live.length > 0 && this.#live.length === 0 ? HIDE_CURSOR : "";
    const show = live.length === 0 && this.#live.length > 0 ? SHOW_CURSOR : "";
    this.#live = live;
    this.#drawn = drawn;
    write(hide + text + show);
  }

  /** Moves to the start of the live area. A window that became narrower has wrapped its rows. */
  #home(): string {
    if (this.#live.length === 0) return "";
    const columns = Math.max(1, this.#options.columns());
    const rows = this.#live.reduce((sum, row) => sum + Math.max(1, Math.ceil(spansWidth(row) / columns)), 0);
    return rows > 1 ? `\r\u001b[${rows - 1}A` : "\r";
  }
}

/** ECMA-48 "select graphic rendition" parameters; only the 8 basic colors, which every terminal theme defines. */
const CODES = {
  plain: "",
  dim: "2",
  bold: "1",
  good: "32",
  bad: "1;31",
  due: "1;33",
  now: "1;36",
  human: "35",
  warn: "33",
} as const;

/** The look of a piece of text. */
export type Style = keyof typeof CODES;

/** A styled piece of text that is safe for a terminal. */
export type Span = readonly [style: Style, text: string];

/** Turns a line into text with escape codes; without color, into plain text. */
export function paint(spans: readonly Span[], color: boolean): string {
  const painted = spans.map(([style, text]) =>
    color && style !== "plain" && text !== "" ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text
  );
  return painted.join("");
}

/** Cuts a line to a width in columns. */
export function cutSpans(spans: readonly Span[], columns: number): readonly Span[] {
  let room = columns;
  const cut: Span[] = [];
  for (const [style, text] of spans) {
    const width = displayWidth(text);
    cut.push([style, cutToWidth(text, room)]);
    if (width > room) break;
    room -= width;
  }
  return cut;
}

/** The width of a line in columns. */
export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, [, text]) => sum + displayWidth(text), 0);
}
