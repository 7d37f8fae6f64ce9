/**
 * What is shown to a person who is away, and what they do in response, in a form that each channel translates for its
 * service.
 *
 * @module
 */

/** What a person can choose to hear about. */
export const TOPICS = ["gate", "blocked", "done", "limit", "progress"] as const;

/** One of {@linkcode TOPICS}. */
export type Topic = typeof TOPICS[number];

/** One message about a session. It may later be edited. */
export interface Post {
  /** The same for all versions of a message; unique in its session. */
  readonly id: string;
  readonly topic: Topic;
  /** The session's state as one emoji. */
  readonly mark: string;
  /** One plain line: the session, and what it needs. */
  readonly title: string;
  /** Project, phase, elapsed time, cost and budget, progress of the plan: plain words, each short. */
  readonly facts: readonly string[];
  /** Plain lines without control characters; may be long, and any markup in them is text. */
  readonly text: string;
  /** The full text, sent as a file, if `text` contains only its beginning. */
  readonly document: { readonly name: string; readonly text: string } | undefined;
  /** What the person can do, most likely first. Empty once the post is settled. */
  readonly offers: readonly Offer[];
  /** What a typed reply to this message does, in words; empty if it does nothing. */
  readonly reply: string;
  /** Whether nothing is left to decide. Then `text` states the outcome. */
  readonly isSettled: boolean;
  /** Whether it should make no sound. */
  readonly isSilent: boolean;
  /** The post's content for programs. */
  readonly data: PostData;
}

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What programs get of a post. Fields that `samocode status --json` also has have the same names. */
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
   * 32 hexadecimal digits, 128 random bits, that stand for one complete act and work once. Anyone who has them can
   * perform it, so only the channel sees them.
   */
  readonly nonce: string;
  /** A few words. */
  readonly label: string;
}

/** Something that a person did on a channel. */
export interface Heard {
  /** Who it was, for the journal, such as `telegram:123456`. The channel has checked that they may decide. */
  readonly by: string;
  /** Identifies this message among all that the channel receives, even after a restart. */
  readonly key: string;
  readonly said: Said;
  /** Tells the result to that person only, in a few plain lines. May be called once. */
  readonly answer: (text: string) => Promise<void>;
}

/** A button, a reply to a post, or a separate message. */
export type Said =
  | { readonly kind: "tap"; readonly nonce: string }
  | { readonly kind: "reply"; readonly text: string; readonly handle: string }
  | { readonly kind: "message"; readonly text: string };
