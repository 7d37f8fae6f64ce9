/**
 * Stdout and stderr, whose readers may be slow, stopped or gone, and must not see secrets.
 *
 * @module
 */

import { hideSecrets } from "../text/known_secrets.ts";

/** An output whose writes never wait for the reader. */
export interface LiveOutput {
  readonly write: (text: string) => void;
  /** Bytes not read yet. */
  readonly pending: () => number;
  /** Resolves in bounded time, when everything is read or the reader has stalled. */
  readonly flushed: () => Promise<void>;
}

/** The stream below, such as `Deno.stdout`. */
export interface OutputStream {
  readonly write: (bytes: Uint8Array) => Promise<number>;
  readonly writeSync: (bytes: Uint8Array) => number;
}

/** The size of a terminal's buffer, so that a slow reader can be told from a stalled one. */
const PIECE_BYTES = 4096;

/** A reader that takes nothing for this long has stalled. */
const STALL_MS = 2_000;

/** Even a slow reader delays the program's end no longer. */
const FLUSH_MS = 10_000;

/** The most memory for a stalled reader. Writers that check `pending` stay far below. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** The pause if a program sharing the terminal has made it non-blocking. */
const AGAIN_MS = 20;

/** One stream. If the reader goes away, as `head` does, writing ends silently. */
export class Output {
  readonly #stream: OutputStream;
  #queue: Uint8Array[] = [];
  #pending = 0;
  #writing: Promise<void> | undefined;
  #isGone = false;
  #failure: unknown;
  /** What was pending when the reader stalled; it is waited for only once. */
  #stalledAt: number | undefined;
  /** Resolves when the next piece is written. */
  #taken = Promise.withResolvers<void>();

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /** Offered bytes not read yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Writes a text and waits for the reader, or offers it if other offers are pending. */
  write(text: string): void {
    if (this.#writing !== undefined) return this.offer(text);
    if (this.#isGone) return;
    const bytes = new TextEncoder().encode(hideSecrets(text));
    try {
      for (let written = 0; written < bytes.length;) written += this.#stream.writeSync(bytes.subarray(written));
    } catch (error) {
      this.#end(error);
      this.#complain();
    }
  }

  /**
   * Writes a text in the background, after earlier offers.
   *
   * @throws The error of an earlier write.
   */
  offer(text: string): void {
    this.#complain();
    const bytes = new TextEncoder().encode(hideSecrets(text));
    if (this.#isGone || bytes.length === 0 || this.#pending + bytes.length > MAX_PENDING_BYTES) return;
    this.#queue.push(bytes);
    this.#pending += bytes.length;
    this.#writing ??= this.#drain().finally(() => this.#writing = undefined);
  }

  /** Resolves in bounded time, when all offers are read or the reader has stalled. */
  async flushed(): Promise<void> {
    const deadline = performance.now() + FLUSH_MS;
    while (this.#writing !== undefined && this.#stalledAt !== this.#pending && performance.now() < deadline) {
      const before = this.#pending;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, STALL_MS));
      await Promise.race([this.#writing, this.#taken.promise, patience]);
      clearTimeout(timer);
      if (this.#pending === before) this.#stalledAt = before;
    }
  }

  async #drain(): Promise<void> {
    for (let text = this.#queue.shift(); text !== undefined; text = this.#queue.shift()) {
      for (let written = 0; written < text.length && !this.#isGone;) {
        const count = await this.#put(text.subarray(written, written + PIECE_BYTES));
        written += count;
        this.#pending -= count;
        this.#taken.resolve();
        this.#taken = Promise.withResolvers();
      }
    }
  }

  async #put(bytes: Uint8Array): Promise<number> {
    try {
      return await this.#stream.write(bytes);
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) await new Promise((wake) => setTimeout(wake, AGAIN_MS));
      else this.#end(error);
      return 0;
    }
  }

  #end(error: unknown): void {
    this.#isGone = true;
    this.#queue = [];
    this.#pending = 0;
    if (!(error instanceof Deno.errors.BrokenPipe)) this.#failure = error;
  }

  #complain(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }
}
