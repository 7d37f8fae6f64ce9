/**
 * A post as an event for programs: what a webhook gets, and a command on its stdin.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { jsonText } from "../text/json_text.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import type { Post } from "./post.ts";

/** An event. */
export interface PostEvent {
  /** The same for the same version of a post, however often it is sent. */
  readonly id: string;
  /** One line of JSON: `type`, `timestamp` and `data`, as https://www.standardwebhooks.com has it. */
  readonly body: string;
}

/**
 * Makes an event of a post. `data` is the post's own, with what people get: `title`, `text`, and whether nothing of it is
 * open any more.
 *
 * @throws {Error} If the post's data hold the nonce of an offer, with which anybody could decide.
 */
export function eventOf({ id, title, facts, text, offers, isSettled, data }: Post, now: number): PostEvent {
  const { type, ...about } = data;
  const words = { title, isSettled, text: [facts.join(" · "), text].filter((part) => part !== "").join("\n\n") };
  // What agents write into a plan is not masked before.
  const body = hideSecrets(jsonText({ type, timestamp: new Date(now).toISOString(), data: { ...words, ...about } }));
  if (offers.some(({ nonce }) => body.includes(nonce))) throw new Error("A post's data hold the nonce of an offer");
  const hash = createHash("sha256").update(JSON.stringify([id, words, data])).digest("hex");
  return { id: `msg_${hash.slice(0, 32)}`, body };
}
