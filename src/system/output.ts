/**
 * Standard output and standard error: whoever reads them may be slow, stopped or gone.
 *
 * @module
 */

/** An output for text that comes while something else goes on: writing never waits for the reader. */
export interface LiveOutput {
  readonly write: (text: string) => void;
  /** Bytes that nobody has read yet. */
  readonly pending: () => number;
  /** Resolves when all is read, or the reader stands still; in bounded time. */
  readonly flushed: () => Promise<void>;
}

/** What is written to, as `Deno.stdout` is. */
export interface OutputStream {
  readonly write: (bytes: Uint8Array) => Promise<number>;
  readonly writeSync: (bytes: Uint8Array) => number;
}

/** What one write hands over: a terminal's own buffer, so that a slow reader is told from one that stands still. */
const PIECE_BYTES = 4096;

/** A reader that takes nothing for so long stands still. */
const STALL_MS = 2_000;

/** Also a reader that takes a little now and then does not keep the program from ending. */
const FLUSH_MS = 10_000;

/** A reader that stands still costs no more memory than this. Writers that look at `pending` stay far below. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** Somebody who shares the terminal made it non-blocking; it takes more a moment later. */
const AGAIN_MS = 20;

/** One stream. A reader that went away, as `head` does, ends the writing quietly. */
export class Output {
  readonly #stream: OutputStream;
  #queue: Uint8Array[] = [];
  #pending = 0;
  #writing: Promise<void> | undefined;
  #isGone = false;
  #failure: unknown;
  /** What was pending when the reader was given up: nobody waits for it a second time. */
  #stalledAt: number | undefined;
  /** Resolves at the next piece that was taken. */
  #taken = Promise.withResolvers<void>();

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /** Bytes that were offered and that nobody has read yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Writes all of a text, however long the reader takes. Behind an offer that is not read it becomes one itself. */
  write(text: string): void {
    if (this.#writing !== undefined) return this.offer(text);
    if (this.#isGone) return;
    const bytes = new TextEncoder().encode(text);
    try {
      for (let written = 0; written < bytes.length;) written += this.#stream.writeSync(bytes.subarray(written));
    } catch (error) {
      this.#end(error);
      this.#complain();
    }
  }

  /**
   * Writes a text in the background, after all that was offered before. Never waits.
   *
   * @throws What the system said against an earlier one.
   */
  offer(text: string): void {
    this.#complain();
    const bytes = new TextEncoder().encode(text);
    if (this.#isGone || bytes.length === 0 || this.#pending + bytes.length > MAX_PENDING_BYTES) return;
    this.#queue.push(bytes);
    this.#pending += bytes.length;
    this.#writing ??= this.#drain().finally(() => this.#writing = undefined);
  }

  /** Resolves when all that was offered is read, or the reader stands still; in bounded time. */
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
