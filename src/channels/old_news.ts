/**
 * What channels that cannot edit messages leave out.
 *
 * @module
 */
import type { Post } from "./post.ts";

/** Whether a settled post says nothing new: reports and notices keep their text. */
export function isOldNews({ isSettled, topic }: Pick<Post, "isSettled" | "topic">): boolean {
  return isSettled && topic !== "gate" && topic !== "blocked";
}
