/**
 * A terminal small enough to reason about: it understands just what the console writes, and refuses the rest.
 *
 * @module
 */
import type { LiveOutput } from "../../src/system/output.ts";
import { displayWidth } from "../../src/text/terminal_text.ts";

/** Rows of text with a cursor. Nothing scrolls away, and a row wider than the terminal is an error. */
export class VirtualTerminal {
  readonly columns: number;
  cursorShown = true;
  #rows: string[] = [""];
  #row = 0;
  /** What was written in this row since the cursor came to its first column. */
  #written = "";

  constructor(columns: number) {
    this.columns = columns;
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
    // deno-lint-ignore no-control-regex -- what a terminal reads
    for (const [part] of text.matchAll(/\u001b\[[?\d;]*[A-Za-z]|\r\n|\r|[^\u001b\r]+|\u001b/g)) {
      if (part === "\r\n") this.#move(1);
      else if (part === "\r") this.#move(0);
      else if (part.startsWith("\u001b[")) this.#obey(part.slice(2));
      else this.#put(part);
    }
  }

  #obey(code: string): void {
    if (code === "?25l") this.cursorShown = false;
    else if (code === "?25h") this.cursorShown = true;
    else if (code === "J") this.#rows = [...this.#rows.slice(0, this.#row), this.#written];
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
    this.#written = "";
  }
}

/** An output that is read as soon as it is written. */
export function instant(write: (text: string) => void): LiveOutput {
  return { write, pending: () => 0, flushed: () => Promise.resolve() };
}
