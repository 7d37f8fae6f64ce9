/**
 * What an open channel does. The listener keeps each channel open; other processes open one for a single post.
 *
 * @module
 */
import type { Heard, Post } from "./post.ts";

/** What a channel gets besides its settings. */
export interface ChannelContext {
  /** What it must remember across restarts, such as the last message that it received. */
  readonly memory: ChannelMemory;
  /** The environment for programs that it starts, without secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** Receives lines for troubleshooting, without secrets. */
  readonly log: (line: string) => void;
}

/** A short text in the user's state folder. `set` returns after the whole text is on disk. */
export interface ChannelMemory {
  /** Empty at first. */
  get(): string;
  set(text: string): void;
}

/** A channel that is ready to show posts, and on most services to receive decisions. */
export interface OpenChannel {
  /** Whether it can edit messages. Only such a channel shows the topic `progress`. */
  readonly edits: boolean;
  /**
   * Whether even silent posts make a sound: during quiet hours such a channel gets only gates, and the rest afterwards.
   */
  readonly alwaysSounds?: true;
  /**
   * Why it takes no decisions, with a fix; `undefined` if it does. Asked before posts with offers are shown and from
   * time to time afterwards. If there is a reason, posts are shown with it and without offers.
   */
  readonly refusal: () => Promise<string | undefined>;
  /**
   * Shows a post. If `handle` names an earlier version, replaces it.
   *
   * @returns The post's handle, with which this or another process can edit it later. At most 500 characters.
   * @throws {ChannelError} If it was not accepted.
   */
  readonly show: (post: Post, options: ShowOptions) => Promise<string>;
  /**
   * Receives what people do until it is aborted, and reconnects by itself. `undefined` for a channel that only
   * notifies. Acknowledges a message to its service only after `hear` resolves, so messages can come again after a
   * restart.
   */
  readonly listen: ((hear: (heard: Heard) => Promise<void>, abort: AbortSignal) => Promise<void>) | undefined;
}

/** The reason of channels that can only notify, where no setting is missing. */
export const DECIDES_NOTHING = "You cannot decide here: use a terminal, or a channel with buttons";

/** How to show a post. */
export interface ShowOptions {
  /** What an earlier call returned for this post; `undefined` for a new one. */
  readonly handle: string | undefined;
  readonly abort: AbortSignal;
}

/** The longest pause, even if a service asks for more: gates are waiting, and timers are limited to 24.8 days. */
const LONGEST_RETRY_MS = 3_600_000;

/**
 * Why a post was not accepted. Its message contains no secret, and it has no `cause` because errors of `fetch` contain
 * URLs.
 */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  /**
   * How long the service asks to wait before a retry, in milliseconds, at most an hour; 0 if it does not say;
   * `undefined` if a retry would fail again, for example with a wrong token.
   */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { retryAfterMs }: { readonly retryAfterMs: number | undefined }) {
    super(message);
    this.retryAfterMs = retryAfterMs && Math.min(retryAfterMs, LONGEST_RETRY_MS);
  }
}
