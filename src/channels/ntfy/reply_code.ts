/**
 * ntfy knows no replies. So each post that takes one has a code, with which a reply begins: `#3fa09 Use Postgres`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Post, Said } from "../post.ts";

/** The code of a post. It guards nothing: whoever writes the reply topic is taken for the person. */
export function replyCode({ id, data: { project, session } }: Pick<Post, "id" | "data">): string {
  const digest = createHash("sha256").update(JSON.stringify([project, session, id])).digest("hex");
  return `#${digest.slice(0, 5)}`;
}

/** What a text on the reply topic says: the nonce of a button, a reply to a post, or a message. */
export function readReply(text: string): Said {
  if (/^[0-9a-f]{32}$/.test(text)) return { kind: "tap", nonce: text };
  const { code, words } = /^(?<code>#[0-9a-f]{5})\b:?\s*(?<words>.*)$/is.exec(text)?.groups ?? {};
  return code === undefined
    ? { kind: "message", text }
    : { kind: "reply", handle: code.toLowerCase(), text: words ?? "" };
}
