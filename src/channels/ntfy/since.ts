/**
 * From where on the reply topic was not heard yet, as it is remembered over restarts.
 *
 * @module
 */
import type { ChannelMemory } from "../open_channel.ts";
import type { NtfySettings } from "./server.ts";

/** A place in a topic, for ntfy's `since`: the id of a message, or a time in seconds since 1970. */
export class Since {
  readonly #memory: ChannelMemory;
  /** Another server or topic knows nothing of these ids, and would send all that it has. */
  readonly #place: string;

  constructor(memory: ChannelMemory, { url, replyTopic }: Pick<NtfySettings, "url" | "replyTopic">) {
    this.#memory = memory;
    this.#place = `${url}/${replyTopic} `;
  }

  /** `undefined` if nothing was shown or heard so far. */
  get value(): string | undefined {
    const text = this.#memory.get();
    return text.startsWith(this.#place) ? text.slice(this.#place.length) : undefined;
  }

  /** All up to this message was heard. */
  heard(id: string): void {
    this.#memory.set(`${this.#place}${id}`);
  }

  /** There was nothing to hear before. */
  beginAt(time: number | undefined): void {
    if (this.value === undefined && time !== undefined) this.#memory.set(`${this.#place}${time}`);
  }
}
