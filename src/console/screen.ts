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
const HOME = "\u001b[H";
const BELL = "\u0007";
/** XTerm's own: terminals without them ignore them. */
const KEEP_TITLE = "\u001b[22;2t";
const RESTORE_TITLE = "\u001b[23;2t";

/** A line of a screen. */
export type Row = readonly Span[];

/** Rows for a width; drawn again when the window has another one. */
export type Block = (columns: number) => readonly Row[];

/** Where a screen writes. */
export interface ScreenOptions {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  readonly rows: () => number;
  readonly color: boolean;
}

/** More than the highest window shows. */
const KEPT_BLOCKS = 200;

/** Owns the cursor, which is hidden while there is a live area, and the title of the window. */
export class Screen {
  readonly #options: ScreenOptions;
  #blocks: readonly Block[] = [];
  #liveRows = 0;
  #drawn = "";
  #columns = 0;
  #title: string | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
  }

  /** Writes permanent blocks above the live area, and redraws the live area, which an empty block removes. */
  show(permanent: readonly Block[], live: Block): void {
    const { write, columns, rows, color } = this.#options;
    const width = columns();
    const isResized = this.#liveRows > 0 && width !== this.#columns;
    this.#columns = width;
    this.#blocks = [...this.#blocks, ...permanent].slice(-KEPT_BLOCKS);
    // Some terminals wrap as soon as the last column is written.
    const room = Math.max(1, width - 1);
    const area = live(room).slice(0, Math.max(1, rows() - 1));
    const drawn = area.map((row) => paint(row, color)).join(`${ERASE_TO_END_OF_LINE}\r\n`);
    if (permanent.length === 0 && drawn === this.#drawn && !isResized) return;
    // Erased cells behind a permanent row would become rows of their own in a narrower window.
    const kept = (isResized ? this.#lastRows(room, area.length) : permanent.flatMap((block) => block(room)))
      .map((row) => `${paint(row, color)}\r\n`).join("");
    const start = isResized ? "\r\n".repeat(rows()) + HOME + ERASE_BELOW : this.#home();
    const text = start + (kept === "" ? "" : ERASE_BELOW + kept) + drawn + ERASE_BELOW;
    const hide = area.length > 0 && this.#liveRows === 0 ? HIDE_CURSOR : "";
    const show = area.length === 0 && this.#liveRows > 0 ? SHOW_CURSOR : "";
    this.#liveRows = area.length;
    this.#drawn = drawn;
    write(hide + text + show);
  }

  /** Names the window until {@linkcode close}. */
  title(title: string): void {
    if (title === this.#title) return;
    const keep = this.#title === undefined ? KEEP_TITLE : "";
    this.#title = title;
    this.#options.write(keep + titled(title));
  }

  /** Rings the bell. */
  ring(): void {
    this.#options.write(BELL);
  }

  /** Removes the live area and gives the title back. */
  close(): void {
    this.show([], () => []);
    if (this.#title !== undefined) this.#options.write(titled("") + RESTORE_TITLE);
    this.#title = undefined;
  }

  /**
   * What fills the window above the live area. A window of another width has wrapped its rows, in a way of its own, so
   * where the live area begins is not known: all that is visible moves out of the window, and is drawn anew.
   */
  #lastRows(columns: number, liveRows: number): readonly Row[] {
    const room = Math.max(0, this.#options.rows() - liveRows);
    let kept: readonly Row[] = [];
    for (const block of this.#blocks.toReversed()) {
      if (kept.length >= room) break;
      kept = [...block(columns), ...kept];
    }
    return room === 0 ? [] : kept.slice(-room);
  }

  /** Moves to the start of the live area. */
  #home(): string {
    if (this.#liveRows === 0) return "";
    return this.#liveRows > 1 ? `\r\u001b[${this.#liveRows - 1}A` : "\r";
  }
}

/** BEL ends it: the Linux console knows no other end. */
function titled(title: string): string {
  return `\u001b]2;${title}${BELL}`;
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
