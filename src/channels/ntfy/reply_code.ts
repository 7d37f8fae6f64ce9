/**
 * ntfy has no replies, so each post that takes one has a code, and a reply starts with it: `#3fa09 Use Postgres`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Post, Said } from "../post.ts";

/** The code of a post. It is no protection: anyone who can write to the reply topic acts as the user. */
export function replyCode({ id, data: { project, session } }: Pick<Post, "id" | "data">): string {
  const digest = createHash("sha256").update(JSON.stringify([project, session, id])).digest("hex");
  return `#${digest.slice(0, 5)}`;
}

/** Reads a text on the reply topic: the nonce of a button, a reply to a post, or a message. */
export function readReply(text: string): Said {
  if (/^[0-9a-f]{32}$/.test(text)) return { kind: "tap", nonce: text };
  const { code, words } = /^(?<code>#[0-9a-f]{5})\b:?\s*(?<words>.*)$/is.exec(text)?.groups ?? {};
  return code === undefined
    ? { kind: "message", text }
    : { kind: "reply", handle: code.toLowerCase(), text: words ?? "" };
}
