/**
 * What channels that cannot change a message leave out.
 *
 * @module
 */
import type { Post } from "./post.ts";

/** Whether a post is settled and says nothing new by that: reports and notices keep their words. */
export function isOldNews({ isSettled, topic }: Pick<Post, "isSettled" | "topic">): boolean {
  return isSettled && topic !== "gate" && topic !== "blocked";
}
