/**
 * A desk's channel: opened when it is first needed, with the reason why nobody can decide on it.
 *
 * @module
 */
import { DECIDES_NOTHING, type OpenChannel } from "../channels/open_channel.ts";
import type { Post } from "../channels/post.ts";
import type { Clock } from "../system/clock.ts";
import { withoutOffers } from "./posts.ts";

/** How long a refusal is valid before the channel is asked again. */
const REFUSAL_LASTS_MS = 60_000;

/** How to open a channel, and what else decides about it. */
export interface DeskChannelOptions {
  readonly open: () => Promise<OpenChannel>;
  /** Why nobody may decide here, whatever the channel itself says. */
  readonly refuses: () => string | undefined;
  readonly clock: Clock;
}

/** A channel that is opened once. */
export class DeskChannel {
  readonly #options: DeskChannelOptions;
  /** Called when the refusal changes. */
  readonly #changed: () => void;
  #opening: Promise<OpenChannel> | undefined;
  #open: OpenChannel | undefined;
  #refusal: { readonly why: string | undefined; readonly untilMs: number } | undefined;

  constructor(options: DeskChannelOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
  }

  /** The channel; `undefined` until it is open. */
  get open(): OpenChannel | undefined {
    return this.#open;
  }

  /** The last known reason why nobody can decide here; empty if people can, or if the channel only notifies by design. */
  get refusal(): string {
    const why = this.#refusal?.why ?? "";
    return why === DECIDES_NOTHING ? "" : why;
  }

  /** Opens the channel if it is not open yet. */
  async opened(): Promise<OpenChannel> {
    this.#opening ??= this.#options.open();
    try {
      return this.#open = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  /** Why nobody can decide here, asked again from time to time; `undefined` if people can. */
  async askRefusal(): Promise<string | undefined> {
    const { refuses, clock } = this.#options;
    const before = this.#refusal;
    if (before === undefined || before.untilMs < clock.calendar()) {
      const channel = await this.opened();
      const why = refuses() ?? await channel.refusal();
      this.#refusal = { why, untilMs: clock.calendar() + REFUSAL_LASTS_MS };
      if (why !== before?.why) this.#changed();
    }
    return this.#refusal?.why;
  }

  /** A post as this channel shows it: without offers while nobody can decide here. */
  dressed(post: Post): Post {
    const why = this.#refusal?.why;
    return why === undefined ? post : withoutOffers(post, why);
  }
}
