/**
 * The inbox: decisions that are not performed yet, on disk. Once a decision is here, its channel acknowledges it to the
 * service.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { readBytesIfExists, writeAll, writeAtomic } from "../system/files/files.ts";
import { systemError, unlessFailing } from "../text/errors.ts";
import { type Checked, number, record, text, variant } from "../workflow/shape.ts";
import { act } from "./act.ts";

const order = record({
  /** The channel, and the channel's key for the message. */
  key: text,
  by: text,
  /** The session's folder. */
  session: text,
  act,
  /** The journal's last event when this arrived. */
  cursor: number,
});

/** An act that somebody decided on. */
export type Order = Checked<typeof order>;

const isLine = variant("line", { take: { order }, strike: { key: text } });

/** How many keys of performed acts to keep, so that a message that is delivered twice counts once. */
const KEPT_KEYS = 1_000;

/** The file is rewritten when it has grown by this much. */
const MAX_GROWTH_BYTES = 1_048_576;

/** More is not read; the services deliver the rest again. Far more than people decide while nothing is performed. */
const MAX_BYTES = 67_108_864;

/** One line for each stored act, and one for each performed act. Only the listener opens it. */
export class Inbox implements Disposable {
  readonly #path: string;
  readonly #waiting = new Map<string, Order>();
  /** The oldest first. */
  readonly #done = new Set<string>();
  #file: Deno.FsFile;
  #lines = 0;
  #grownBytes = 0;

  /**
   * Opens the inbox. A line cut off by a power loss is ignored: its message will be delivered again.
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

  /** What is not performed yet, oldest first. */
  get waiting(): readonly Order[] {
    return [...this.#waiting.values()];
  }

  /** Whether a message was stored before. */
  has(key: string): boolean {
    return this.#waiting.has(key) || this.#done.has(key);
  }

  /**
   * Stores an order, once per key. When this returns, it survives a power loss.
   *
   * @returns Whether it is new.
   * @throws {SamocodeError} If it cannot be written. Nothing is stored then.
   */
  take(given: Order): boolean {
    if (this.has(given.key)) return false;
    this.#write({ line: "take", order: given });
    this.#waiting.set(given.key, given);
    return true;
  }

  /** Marks an order as done. */
  strike(key: string): void {
    this.#finish(key);
    // If this is lost, the journal says that it is done.
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
    // Without this, a power loss could bring the previous file back. Windows cannot open folders.
    unlessFailing(() => {
      using folder = Deno.openSync(dirname(this.#path), { read: true });
      folder.syncSync();
    });
    return Deno.openSync(this.#path, { append: true });
  }

  #write(line: Checked<typeof isLine>): void {
    try {
      // Start on a new line, since a full disk may have cut the last one.
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
