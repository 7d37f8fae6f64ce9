/**
 * What is shown to a person who is away, and what they say to it: the same for every channel, which brings it into the
 * form of its own service.
 *
 * @module
 */

/** What a person can choose to hear about. */
export const TOPICS = ["gate", "blocked", "done", "limit", "progress"] as const;

/** One of {@linkcode TOPICS}. */
export type Topic = typeof TOPICS[number];

/** One message about a session. It may be shown again with other words, in the same place. */
export interface Post {
  /** The same for all versions of a message; unique in its session. */
  readonly id: string;
  readonly topic: Topic;
  /** Of the session's state, as one emoji. */
  readonly mark: string;
  /** One plain line: the session, and what it needs. */
  readonly title: string;
  /** Project, phase, elapsed time, cost and budget, progress of the plan: plain words, each short. */
  readonly facts: readonly string[];
  /** Plain lines, without control characters; may be long, and may hold any markup as text. */
  readonly text: string;
  /** What to read in full, where `text` holds only its beginning: sent as a file. */
  readonly document: { readonly name: string; readonly text: string } | undefined;
  /** What the person may do, likeliest first. Empty once that is settled. */
  readonly offers: readonly Offer[];
  /** What a typed reply to this message does, in words for the person; empty where it does nothing. */
  readonly reply: string;
  /** Whether nothing of it is open any more: then `text` says what came of it. */
  readonly isSettled: boolean;
  /** Whether it should make no sound. */
  readonly isSilent: boolean;
  /** The same for programs. */
  readonly data: PostData;
}

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What programs hear of a post: what `samocode status --json` calls the same has the same name there. */
export interface PostData {
  /** What happened, such as `gate.answers`, `session.done` or `session.running`. */
  readonly type: string;
  readonly project: string;
  readonly session: string;
  readonly [name: string]: Json;
}

/** One thing that a person may do, as a button. */
export interface Offer {
  /**
   * 32 hexadecimal digits, 128 random bits. They stand for one complete act, once. Whoever has them may do it: they are
   * shown to nobody but the channel.
   */
  readonly nonce: string;
  /** A few words. */
  readonly label: string;
}

/** What a person did. */
export interface Heard {
  /** Who it was, for the journal, such as `telegram:123456`. The channel has checked that they may decide. */
  readonly by: string;
  /** What tells this from all else that the channel hears, also after a restart. */
  readonly key: string;
  readonly said: Said;
  /** Tells that person, and nobody else, how it went: one plain line or a few. May be called once. */
  readonly answer: (text: string) => Promise<void>;
}

/** A button, a reply to a post, or a message of its own. */
export type Said =
  | { readonly kind: "tap"; readonly nonce: string }
  | { readonly kind: "reply"; readonly text: string; readonly handle: string }
  | { readonly kind: "message"; readonly text: string };
