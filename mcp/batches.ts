/**
 * JSON-RPC batches, which only the protocol of 2025-03-26 has: several messages in one array, answered in one array.
 *
 * @module
 */
import type { RequestId } from "./check_message.ts";

interface Batch {
  /** The requests that have no answer yet. */
  readonly open: Set<RequestId>;
  /** The answers so far, as JSON. */
  readonly answers: string[];
}

/** The batches that are being answered. */
export class Batches {
  readonly #batches = new Set<Batch>();
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Begins to collect the answers to these requests, beside those that are known. */
  begin(requests: ReadonlySet<RequestId>, answers: readonly string[]): void {
    const batch = { open: new Set(requests), answers: [...answers] };
    this.#batches.add(batch);
    this.#writeIfWhole(batch);
  }

  /** Takes what the server writes. Returns whether it belongs to a batch, with which it is written. */
  takes(line: string): boolean {
    if (this.#batches.size === 0) return false;
    const { id, method }: { readonly id?: RequestId; readonly method?: string } = JSON.parse(line);
    const batch = method === undefined && id !== undefined ? this.#batchOf(id) : undefined;
    if (batch === undefined || id === undefined) return false;
    batch.answers.push(line.trimEnd());
    batch.open.delete(id);
    this.#writeIfWhole(batch);
    return true;
  }

  /** A cancelled request gets no answer. */
  cancel(id: RequestId): void {
    const batch = this.#batchOf(id);
    if (batch === undefined) return;
    batch.open.delete(id);
    this.#writeIfWhole(batch);
  }

  #batchOf(id: RequestId): Batch | undefined {
    return [...this.#batches].find(({ open }) => open.has(id));
  }

  #writeIfWhole(batch: Batch): void {
    if (batch.open.size > 0) return;
    this.#batches.delete(batch);
    if (batch.answers.length > 0) this.#write(`[${batch.answers.join(",")}]\n`);
  }
}
