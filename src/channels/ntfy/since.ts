/**
 * Remembers across restarts how far the reply topic was read.
 *
 * @module
 */
import type { ChannelMemory } from "../open_channel.ts";
import type { NtfySettings } from "./server.ts";

/** A place in a topic, for ntfy's `since`: the id of a message, or a time in seconds since 1970. */
export class Since {
  readonly #memory: ChannelMemory;
  /** Another server or topic does not know these ids and would send everything that it has. */
  readonly #place: string;

  constructor(memory: ChannelMemory, { url, replyTopic }: Pick<NtfySettings, "url" | "replyTopic">) {
    this.#memory = memory;
    this.#place = `${url}/${replyTopic} `;
  }

  /** `undefined` if nothing was shown or received so far. */
  get value(): string | undefined {
    const text = this.#memory.get();
    return text.startsWith(this.#place) ? text.slice(this.#place.length) : undefined;
  }

  /** Everything up to this message was received. */
  heard(id: string): void {
    this.#memory.set(`${this.#place}${id}`);
  }

  /** Nothing before this time matters. */
  beginAt(time: number | undefined): void {
    if (this.value === undefined && time !== undefined) this.#memory.set(`${this.#place}${time}`);
  }
}
