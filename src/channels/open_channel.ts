/**
 * What a channel does once it is open. The listener process keeps each channel open; other processes open one for a
 * single post.
 *
 * @module
 */
import type { Heard, Post } from "./post.ts";

/** What a channel gets beside its settings. */
export interface ChannelContext {
  /** What it has to remember over restarts, such as the last message that it has heard. */
  readonly memory: ChannelMemory;
  /** The environment for programs that it starts, without secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** Receives what a person who looks for a fault should know, a line each. Never a secret. */
  readonly log: (line: string) => void;
}

/** A short text in the user's own state folder, written whole and to the disk before `set` returns. */
export interface ChannelMemory {
  /** Empty at first. */
  get(): string;
  set(text: string): void;
}

/** A channel with its settings, ready to show and perhaps to hear. */
export interface OpenChannel {
  /** Whether a later version takes the place of an earlier one. Only such a channel shows the topic `progress`. */
  readonly edits: boolean;
  /** Whether each post makes a sound, also a silent one: in quiet hours it gets gates only, and the rest after them. */
  readonly alwaysSounds?: true;
  /**
   * Why it takes no decisions, in words that name the way out; `undefined` if it does. Asked before posts with offers are
   * shown, and again now and then: these then come without offers and with these words.
   */
  readonly refusal: () => Promise<string | undefined>;
  /**
   * Shows a post, in place of an earlier version where `handle` names one.
   *
   * @returns The post's handle: all that is needed to change it later, also in another process. At most 500 characters.
   * @throws {ChannelError} If it was not taken.
   */
  readonly show: (post: Post, options: ShowOptions) => Promise<string>;
  /**
   * Hears the person until it is aborted; reconnects by itself. `undefined` for a channel that only notifies. It awaits
   * `hear`, and only then lets its service forget what was heard: after a restart it may come again.
   */
  readonly listen: ((hear: (heard: Heard) => Promise<void>, abort: AbortSignal) => Promise<void>) | undefined;
}

/** Why a channel takes no decisions whose service has no way back: nothing is missing there. */
export const DECIDES_NOTHING = "You cannot decide here: use a terminal, or a channel with buttons";

/** How to show a post. */
export interface ShowOptions {
  /** What an earlier call returned for this post; `undefined` for a new one. */
  readonly handle: string | undefined;
  readonly abort: AbortSignal;
}

/** However long a service asks for: a gate waits, timers take no more than 24.8 days, and asking hourly floods nobody. */
const LONGEST_RETRY_MS = 3_600_000;

/** Why a post was not taken. Its message never holds a secret, and it has no cause: errors of `fetch` hold addresses. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  /**
   * The service's own word on when to try again, in milliseconds, at most an hour; 0 where it said none; `undefined` where
   * the same would be refused again, as with a wrong token.
   */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { retryAfterMs }: { readonly retryAfterMs: number | undefined }) {
    super(message);
    this.retryAfterMs = retryAfterMs && Math.min(retryAfterMs, LONGEST_RETRY_MS);
  }
}
