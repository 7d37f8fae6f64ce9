/**
 * What is to be shown on a channel: the difference between what a session wants to be seen and what is shown of it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Post } from "../channels/post.ts";
import { quietLeftMs, type Wishes } from "../channels/when_to_tell.ts";
import type { ShownBook } from "./shown.ts";

/** How often a post that follows the work is changed. Telegram allows 20 messages a minute in a group. */
const PROGRESS_EVERY_MS = 20_000;

/** What a session wants to be seen of it. */
export interface Want {
  readonly book: ShownBook;
  readonly posts: readonly Post[];
  readonly wishes: Wishes;
  /** Whether the session is at rest: then what follows the work is changed at once. */
  readonly isAtRest: boolean;
  /** What a post becomes that is no longer due. */
  readonly settle: (post: Post) => Post;
}

/** A post that is to be shown. */
export interface Job {
  readonly want: Want;
  readonly post: Post;
  /** Whether it is settled: it is not changed any more. */
  readonly isLast: boolean;
  /** In milliseconds since 1970. */
  readonly sinceMs: number;
  readonly dueMs: number;
  /** When what was refused is tried again. */
  againMs: number;
  because: string;
}

/** The channel, and what was to be shown on it before. */
export interface JobsOptions {
  /** Its key. */
  readonly channel: string;
  /** As the open channel says it. */
  readonly edits: boolean;
  readonly alwaysSounds: boolean;
  /** Makes of a post what that channel is shown. */
  readonly dress: (post: Post) => Post;
  /** The session's jobs so far, by the ids of their posts. */
  readonly before: ReadonlyMap<string, Job>;
  /** In milliseconds since 1970. */
  readonly nowMs: number;
}

/** The jobs of a session on a channel, by the ids of their posts, in the order in which they came due. */
export function jobsFor(want: Want, { before, nowMs, ...on }: JobsOptions): ReadonlyMap<string, Job> {
  const { book, wishes, isAtRest } = want;
  const shown = book.on(on.channel);
  const due = [...duePosts(want, on), ...lastPosts(want, on.channel)];
  return new Map(due.map(({ post, isLast }) => {
    const { id, topic } = post;
    const earlier = before.get(id);
    const { sinceMs = nowMs, because = "" } = earlier ?? {};
    const againMs = earlier?.isLast === isLast ? earlier.againMs : 0;
    // That it runs again after a decision is told at once.
    const isWork = topic === "progress" && !isAtRest && book.post(id)?.data.type === post.data.type;
    const atMs = isWork ? (shown[id]?.atMs ?? -Infinity) + PROGRESS_EVERY_MS : 0;
    // Such a channel sounds with each new post: in quiet hours it gets gates only.
    const waitsForMorning = on.alwaysSounds && topic !== "gate" && shown[id] === undefined;
    const quietMs = waitsForMorning ? quietLeftMs(wishes, new Date(nowMs)) : 0;
    const dueMs = Math.max(atMs, quietMs === 0 ? 0 : nowMs + quietMs);
    return [id, { want, post, isLast, sinceMs, because, dueMs, againMs }];
  }));
}

/** When a job can be done, in milliseconds since 1970. */
export function readyMs({ dueMs, againMs }: Job): number {
  return Math.max(dueMs, againMs);
}

/** What tells whether a post is shown as it should be: all of it that can be seen. */
export function hashOf({ isSilent: _, ...post }: Post): string {
  return createHash("sha256").update(JSON.stringify(post)).digest("hex").slice(0, 32);
}

type Due = Pick<Job, "post" | "isLast">;

/** What should be visible, and is not, or not in this version. */
function duePosts(
  { book, posts }: Want,
  { channel, edits, dress }: Pick<JobsOptions, "channel" | "edits" | "dress">,
): readonly Due[] {
  const shown = book.on(channel);
  return posts.filter((post) => {
    if (post.topic === "progress" && !edits) return false;
    const place = shown[post.id];
    return place === undefined || (edits && place.hash !== hashOf(dress(post)));
  }).map((post) => ({ post, isLast: false }));
}

/** What is visible and no longer due, in its last version. */
function lastPosts({ book, posts, settle }: Want, channel: string): readonly Due[] {
  const wanted = new Set(posts.map(({ id }) => id));
  return Object.keys(book.on(channel)).flatMap((id) => {
    const last = wanted.has(id) ? undefined : book.post(id);
    return last === undefined ? [] : [{ post: { ...settle(last), isSilent: true }, isLast: true }];
  });
}
