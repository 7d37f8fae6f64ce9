/**
 * The hash of a growing file, so that its bytes are hashed once, as they are read.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import type { Extent } from "./chain_head.ts";

/** Kept for comparison: those of the last looks. */
const KEPT_MARKS = 16;

/** SHA-256 of all bytes so far, and at the marks that were passed. */
export class RunningHash {
  /** `undefined` for an empty file: nothing is made for one. */
  #hash: Hash | undefined;
  readonly #marks: Map<number, string>;
  #bytes: number;

  /** @param before What came first. */
  constructor(before?: RunningHash) {
    this.#hash = before === undefined ? undefined : before.#hash?.copy();
    this.#bytes = before === undefined ? 0 : before.#bytes;
    this.#marks = new Map(before === undefined ? [] : before.#marks);
  }

  /** How many bytes were hashed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes, and remembers the hash at each mark that they reach. */
  update(bytes: Uint8Array, marks: readonly number[] = []): this {
    let from = 0;
    for (const mark of marks.toSorted((a, b) => a - b)) {
      const to = mark - this.#bytes + from;
      if (to <= from || to > bytes.length) continue;
      this.#add(bytes.subarray(from, to));
      from = to;
      this.extent();
    }
    this.#add(bytes.subarray(from));
    return this;
  }

  /** What was hashed so far. */
  extent(): Extent {
    const bytes = this.#bytes;
    const sha256 = this.#marks.get(bytes) ?? (this.#hash?.copy() ?? newHash()).digest("hex");
    this.#marks.set(bytes, sha256);
    const [oldest] = this.#marks.keys();
    if (this.#marks.size > KEPT_MARKS && oldest !== undefined) this.#marks.delete(oldest);
    return { bytes, sha256 };
  }

  /** Whether the file began so. Asked of where it is now, and of marks. */
  beganWith({ bytes, sha256 }: Extent): boolean {
    if (bytes === this.#bytes) return this.extent().sha256 === sha256;
    return this.#marks.get(bytes) === sha256 || (bytes === 0 && sha256 === NOTHING.sha256);
  }

  #add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#hash ??= newHash();
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }
}

function newHash(): Hash {
  return createHash("sha256");
}

/** An empty file. */
export const NOTHING: Extent = new RunningHash().extent();
