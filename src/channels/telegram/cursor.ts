/**
 * Remembers up to which update Telegram was heard.
 *
 * @module
 */
import type { ChannelMemory } from "../open_channel.ts";

/**
 * The place in Telegram's queue. Asking for what follows it makes Telegram forget what comes before, so it moves only
 * after an update was taken.
 */
export class Cursor {
  readonly #memory: ChannelMemory;
  readonly #queue: string;
  #last: number | undefined;

  /**
   * @param queue Whose updates they are: other bots, and other servers of the API, count on their own. An offset of
   * another queue could make Telegram forget updates that nobody has heard.
   */
  constructor(memory: ChannelMemory, queue: string) {
    this.#memory = memory;
    this.#queue = queue;
    const [, last, ofQueue] = /^(\d{1,15}) (.*)$/s.exec(memory.get()) ?? [];
    this.#last = ofQueue === queue ? Number(last) : undefined;
  }

  /** Of the next update; `undefined` at first: then all that Telegram has kept. */
  get offset(): number | undefined {
    return this.#last === undefined ? undefined : this.#last + 1;
  }

  /** Moves behind an update, also back: after a quiet week Telegram goes on with any number. */
  pass(update: number): void {
    this.#memory.set(`${update} ${this.#queue}`);
    this.#last = update;
  }
}
