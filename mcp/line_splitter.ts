/**
 * Splits a stream of bytes into lines, and holds no more of one than is allowed.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A line without its end. */
export interface Line {
  /** All of it, or of one that is too long, its beginning. */
  readonly bytes: Buffer;
  /** The last bytes of one that is too long. */
  readonly tail: Buffer | undefined;
}

const NEWLINE = 10;
/** What is kept of either end of a line that is too long. */
const END_BYTES = 1024;

/** Takes bytes as they come and gives whole lines. */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Both ends of a line that is too long; `undefined` before it is. */
  #ends: { readonly head: Buffer; tail: Buffer } | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds bytes, and yields the lines that they end. */
  *add(chunk: Buffer): Generator<Line> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#hold(chunk.subarray(from, end));
      yield this.#end();
      from = end + 1;
    }
    this.#hold(chunk.subarray(from));
  }

  #hold(part: Buffer): void {
    if (this.#ends !== undefined) {
      this.#ends.tail = lastOf(this.#ends.tail, part);
      return;
    }
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes <= this.#maxBytes) return;
    const all = Buffer.concat(this.#parts);
    this.#ends = { head: Buffer.from(all.subarray(0, END_BYTES)), tail: lastOf(all, Buffer.alloc(0)) };
    this.#parts = [];
  }

  #end(): Line {
    const line = this.#ends === undefined
      ? { bytes: Buffer.concat(this.#parts), tail: undefined }
      : { bytes: this.#ends.head, tail: this.#ends.tail };
    this.#parts = [];
    this.#bytes = 0;
    this.#ends = undefined;
    return line;
  }
}

function lastOf(before: Buffer, part: Buffer): Buffer {
  return Buffer.from(Buffer.concat([before, part]).subarray(-END_BYTES));
}
