/**
 * The posts about a session that should be visible at one moment.
 *
 * @module
 */
import type { Post } from "../channels/post.ts";
import { type Due, dueOf } from "./due.ts";
import { baselineDraft, budgetDraft, planDraft, questionDrafts } from "./gate_posts.ts";
import type { OfferBook } from "./offers.ts";
import { type Draft, postFrom } from "./post_parts.ts";
import { doneDraft, progressDraft, restDraft } from "./rest_posts.ts";
import type { View } from "./view.ts";

/**
 * All posts that should be visible now, in the order in which to show them. Their offers are recorded in the book, on
 * disk.
 */
export function postsFor(view: View, book: OfferBook): readonly Post[] {
  const due = dueOf(view);
  const posts = [progressDraft(due), ...draftsAtRest(due)].map((draft) => postFrom(draft, view, book));
  book.save();
  return posts;
}

function draftsAtRest(due: Due): readonly Draft[] {
  const { state, needs } = due.status;
  if (state === "done") return [doneDraft(due)];
  const isAtGate = state !== "running" && state !== "queued";
  if (isAtGate && needs === "answers") return questionDrafts(due);
  if (isAtGate && needs === "approval") return [planDraft(due)];
  if (isAtGate && needs === "budget") return [budgetDraft(due)];
  if (isAtGate && needs === "baseline") return [baselineDraft(due)];
  const rest = restDraft(due);
  return rest === undefined ? [] : [rest];
}

/** The same post for a channel that takes no decisions, with the reason. */
export function withoutOffers(post: Post, why: string): Post {
  const isAsked = post.offers.length > 0 || post.reply !== "";
  if (!isAsked) return post;
  return { ...post, offers: [], reply: "", text: post.topic === "progress" ? post.text : `${post.text}\n\n${why}` };
}
