/**
 * A post as an event for programs, for webhooks and for a command's stdin.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { jsonText } from "../text/json_text.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import type { Post } from "./post.ts";

/** An event. */
export interface PostEvent {
  /** Each version of a post keeps its id, however often it is sent. */
  readonly id: string;
  /** One line of JSON: `type`, `timestamp` and `data`, as https://www.standardwebhooks.com specifies. */
  readonly body: string;
}

/**
 * Turns a post into an event. `data` is the post's own, plus what people see: `title`, `text` and `isSettled`.
 *
 * @throws {Error} If the post's data contain the nonce of an offer, with which anyone could decide.
 */
export function eventOf({ id, title, facts, text, offers, isSettled, data }: Post, now: number): PostEvent {
  const { type, ...about } = data;
  const words = { title, isSettled, text: [facts.join(" · "), text].filter((part) => part !== "").join("\n\n") };
  // Secrets that agents write into a plan are not masked before this.
  const body = hideSecrets(jsonText({ type, timestamp: new Date(now).toISOString(), data: { ...words, ...about } }));
  if (offers.some(({ nonce }) => body.includes(nonce))) throw new Error("A post's data hold the nonce of an offer");
  const hash = createHash("sha256").update(JSON.stringify([id, words, data])).digest("hex");
  return { id: `msg_${hash.slice(0, 32)}`, body };
}
