/**
 * A terminal small enough to reason about: it understands just what the console writes, and refuses the rest.
 *
 * @module
 */
import type { LiveOutput } from "../../src/system/output.ts";
import { displayWidth } from "../../src/text/terminal_text.ts";

/** Codes, titles, the bell, line ends and text. */
// deno-lint-ignore no-control-regex -- what a terminal reads
const PARTS = /\u001b\[[?\d;]*[A-Za-z]|\u001b\]2;[^\u0007]*\u0007|\u0007|\r\n|\r|[^\u001b\r\u0007]+|\u001b/g;

/** Rows of text with a cursor. All that scrolled away is kept, and a row wider than the terminal is an error. */
export class VirtualTerminal {
  columns: number;
  cursorShown = true;
  /** The title of the window; `undefined` if nobody has changed it, or it was given back. */
  title: string | undefined;
  bells = 0;
  readonly #height: number;
  #rows: string[] = [""];
  #row = 0;
  /** The first row that is visible. */
  #top = 0;
  /** What was written in this row since the cursor came to its first column. */
  #written = "";

  constructor(columns: number, height = 24) {
    this.columns = columns;
    this.#height = height;
  }

  /** The rows that can be seen, without the empty ones at the end. */
  get visible(): readonly string[] {
    return this.#rows.slice(this.#top).join("\n").trimEnd().split("\n");
  }

  /** All rows so far, without the empty ones at the end. */
  get rows(): readonly string[] {
    return this.#rows.join("\n").trimEnd().split("\n");
  }

  /** True where the cursor is in a row that holds nothing, as a shell's prompt wants it. */
  get isAtEmptyRow(): boolean {
    return this.#rows[this.#row] === "" && this.#row === this.#rows.length - 1;
  }

  write(text: string): void {
    for (const [part] of text.matchAll(PARTS)) {
      if (part === "\r\n") this.#move(1);
      else if (part === "\r") this.#move(0);
      else if (part === "\u0007") this.bells++;
      else if (part.startsWith("\u001b]2;")) this.title = part.slice(4, -1);
      else if (part.startsWith("\u001b[")) this.#obey(part.slice(2));
      else this.#put(part);
    }
  }

  #obey(code: string): void {
    if (code === "?25l") this.cursorShown = false;
    else if (code === "?25h") this.cursorShown = true;
    else if (code === "J") this.#rows = [...this.#rows.slice(0, this.#row), this.#written];
    else if (code === "H") this.#move(this.#top - this.#row);
    else if (code === "22;2t") this.title = undefined;
    else if (code === "23;2t") this.title = undefined;
    else if (code === "K") this.#rows[this.#row] = this.#written;
    else if (/^\d+A$/.test(code)) this.#move(-Number(code.slice(0, -1)));
    else if (!/^[\d;]*m$/.test(code)) throw new Error(`Cannot obey ${code}`);
  }

  #put(text: string): void {
    if (/\p{Cc}/u.test(text)) throw new Error(`Cannot show ${JSON.stringify(text)}`);
    this.#written += text;
    // A path is left to the terminal, which puts a line together again when it is copied.
    const isPath = /(?:^|\s)\S*[/\\]\S*$/.test(this.#written);
    if (displayWidth(this.#written) > this.columns && !isPath) {
      throw new Error(`Row wraps at ${this.columns}: ${this.#written}`);
    }
    this.#rows[this.#row] = this.#written + (this.#rows[this.#row] ?? "").slice(this.#written.length);
  }

  #move(rows: number): void {
    this.#row = Math.max(0, this.#row + rows);
    while (this.#rows.length <= this.#row) this.#rows.push("");
    this.#top = Math.max(this.#top, this.#row - this.#height + 1);
    this.#written = "";
  }
}

/** An output that is read as soon as it is written. */
export function instant(write: (text: string) => void): LiveOutput {
  return { write, pending: () => 0, flushed: () => Promise.resolve() };
}
