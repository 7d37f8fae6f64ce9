/**
 * Remembers the last update that was received from Telegram.
 *
 * @module
 */
import type { ChannelMemory } from "../open_channel.ts";

/**
 * The position in Telegram's queue. Polling with an offset makes Telegram forget everything before it, so the position
 * moves only after an update was stored.
 */
export class Cursor {
  readonly #memory: ChannelMemory;
  readonly #queue: string;
  #last: number | undefined;

  /**
   * @param queue Which bot and API server the updates come from. An offset of another queue could make Telegram forget
   * updates that were never received.
   */
  constructor(memory: ChannelMemory, queue: string) {
    this.#memory = memory;
    this.#queue = queue;
    const [, last, ofQueue] = /^(\d{1,15}) (.*)$/s.exec(memory.get()) ?? [];
    this.#last = ofQueue === queue ? Number(last) : undefined;
  }

  /** The offset of the next update; `undefined` at first, for everything that Telegram has kept. */
  get offset(): number | undefined {
    return this.#last === undefined ? undefined : this.#last + 1;
  }

  /** Moves past an update. It may move back: after a quiet week, Telegram continues with any number. */
  pass(update: number): void {
    this.#memory.set(`${update} ${this.#queue}`);
    this.#last = update;
  }
}
