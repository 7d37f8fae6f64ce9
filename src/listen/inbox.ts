/**
 * The inbox: what people decided and nobody has done yet, on the disk. A channel lets its service forget what it has
 * heard once it is here.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { readBytesIfExists, writeAll, writeAtomic } from "../system/files/files.ts";
import { systemError, unlessFailing } from "../text/errors.ts";
import { type Checked, number, record, text, variant } from "../workflow/shape.ts";
import { act } from "./act.ts";

const order = record({
  /** The channel, and the channel's key for what was heard. */
  key: text,
  by: text,
  /** The session's folder. */
  session: text,
  act,
  /** The last event of its journal when this was heard. */
  cursor: number,
});

/** An act that somebody decided on. */
export type Order = Checked<typeof order>;

const isLine = variant("line", { take: { order }, strike: { key: text } });

/** Keys of what is done are kept so that what a service tells twice is done once. No service tells so many anew. */
const KEPT_KEYS = 1_000;

/** The file is written anew at the latest when so much more than it had is in it. */
const MAX_GROWTH_BYTES = 1_048_576;

/** Of one that is longer, the channel will hear the rest again. Nobody decides so much while nothing is done. */
const MAX_BYTES = 67_108_864;

/** One line for each act that is taken, and one for each that is done. Only the listener has it open. */
export class Inbox implements Disposable {
  readonly #path: string;
  readonly #waiting = new Map<string, Order>();
  /** The oldest first. */
  readonly #done = new Set<string>();
  #file: Deno.FsFile;
  #lines = 0;
  #grownBytes = 0;

  /**
   * Opens the inbox. Of a line that a loss of power cut, the channel will hear again.
   *
   * @param folder The listener's own folder.
   * @throws {SamocodeError} If it cannot be written.
   */
  constructor(folder: string) {
    this.#path = join(folder, "inbox");
    const found = readBytesIfExists(this.#path, MAX_BYTES);
    const text = found instanceof Uint8Array ? new TextDecoder().decode(found) : "";
    for (const line of text.split("\n")) {
      const value: unknown = unlessFailing(() => JSON.parse(line));
      if (!isLine(value)) continue;
      if (value.line === "take") this.#waiting.set(value.order.key, value.order);
      else this.#finish(value.key);
    }
    this.#file = this.#rewrite();
  }

  /** What is not done yet, the oldest first. */
  get waiting(): readonly Order[] {
    return [...this.#waiting.values()];
  }

  /** Whether something was taken before. */
  has(key: string): boolean {
    return this.#waiting.has(key) || this.#done.has(key);
  }

  /**
   * Takes an order, once for each key. It survives a loss of power when this returns.
   *
   * @returns Whether it is new.
   * @throws {SamocodeError} If it cannot be written: then nothing was taken.
   */
  take(given: Order): boolean {
    if (this.has(given.key)) return false;
    this.#write({ line: "take", order: given });
    this.#waiting.set(given.key, given);
    return true;
  }

  /** Strikes what is done. */
  strike(key: string): void {
    this.#finish(key);
    // If this is lost, the journal tells that it is done.
    unlessFailing(() => this.#write({ line: "strike", key }));
    const isLong = this.#lines > 4 * KEPT_KEYS || this.#grownBytes > MAX_GROWTH_BYTES;
    const fresh = isLong ? unlessFailing(() => this.#rewrite()) : undefined;
    if (fresh === undefined) return;
    this.#file.close();
    this.#file = fresh;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #finish(key: string): void {
    this.#waiting.delete(key);
    this.#done.delete(key);
    this.#done.add(key);
    for (const oldest of this.#done) {
      if (this.#done.size <= KEPT_KEYS) break;
      this.#done.delete(oldest);
    }
  }

  /** Writes only what is still needed. */
  #rewrite(): Deno.FsFile {
    const lines = [
      ...[...this.#done].map((key) => ({ line: "strike", key })),
      ...this.waiting.map((order) => ({ line: "take", order })),
    ];
    this.#lines = lines.length;
    this.#grownBytes = 0;
    writeAtomic(this.#path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), { newMode: 0o600 });
    // Else a loss of power could bring the file before it back. Windows opens no folders.
    unlessFailing(() => {
      using folder = Deno.openSync(dirname(this.#path), { read: true });
      folder.syncSync();
    });
    return Deno.openSync(this.#path, { append: true });
  }

  #write(line: Checked<typeof isLine>): void {
    try {
      // A line that a full disk cut must not take the next one with it.
      const bytes = new TextEncoder().encode(`\n${JSON.stringify(line)}\n`);
      this.#grownBytes += bytes.length;
      writeAll(this.#file, bytes);
      this.#file.syncDataSync();
      this.#lines++;
    } catch (error) {
      throw systemError(`Cannot write ${this.#path}`, { error, hint: "Free some space on the disk" });
    }
  }
}
