/**
 * What to show on a channel: the difference between what a session wants shown and what is shown.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Post } from "../channels/post.ts";
import { quietLeftMs, type Wishes } from "../channels/when_to_tell.ts";
import type { ShownBook } from "./shown.ts";

/** How often a progress post is edited. Telegram allows 20 messages a minute in a group. */
const PROGRESS_EVERY_MS = 20_000;

/** What a session wants shown. */
export interface Want {
  readonly book: ShownBook;
  readonly posts: readonly Post[];
  readonly wishes: Wishes;
  /** Whether the session is at rest. Its progress post is then edited at once. */
  readonly isAtRest: boolean;
  /** Makes the last version of a post that is no longer due. */
  readonly settle: (post: Post) => Post;
}

/** A post to show. */
export interface Job {
  readonly want: Want;
  readonly post: Post;
  /** Whether it is the last version, which is never edited again. */
  readonly isLast: boolean;
  /** In milliseconds since 1970. */
  readonly sinceMs: number;
  readonly dueMs: number;
  /** When a refused post is retried. */
  againMs: number;
  because: string;
}

/** The channel and its earlier jobs. */
export interface JobsOptions {
  /** Its key. */
  readonly channel: string;
  /** From the open channel. */
  readonly edits: boolean;
  readonly alwaysSounds: boolean;
  /** Adapts a post to the channel. */
  readonly dress: (post: Post) => Post;
  /** The session's jobs so far, by the ids of their posts. */
  readonly before: ReadonlyMap<string, Job>;
  /** In milliseconds since 1970. */
  readonly nowMs: number;
}

/** The jobs of a session on a channel, by post id, in the order in which they became due. */
export function jobsFor(want: Want, { before, nowMs, ...on }: JobsOptions): ReadonlyMap<string, Job> {
  const { book, wishes, isAtRest } = want;
  const shown = book.on(on.channel);
  const due = [...duePosts(want, on), ...lastPosts(want, on.channel)];
  return new Map(due.map(({ post, isLast }) => {
    const { id, topic } = post;
    const earlier = before.get(id);
    const { sinceMs = nowMs, because = "" } = earlier ?? {};
    const againMs = earlier?.isLast === isLast ? earlier.againMs : 0;
    // A change of state is shown at once, for example that the session runs again after a decision.
    const isWork = topic === "progress" && !isAtRest && book.post(id)?.data.type === post.data.type;
    const atMs = isWork ? (shown[id]?.atMs ?? -Infinity) + PROGRESS_EVERY_MS : 0;
    // Each new post makes a sound on such a channel, so it gets only gates in quiet hours.
    const waitsForMorning = on.alwaysSounds && topic !== "gate" && shown[id] === undefined;
    const quietMs = waitsForMorning ? quietLeftMs(wishes, new Date(nowMs)) : 0;
    const dueMs = Math.max(atMs, quietMs === 0 ? 0 : nowMs + quietMs);
    return [id, { want, post, isLast, sinceMs, because, dueMs, againMs }];
  }));
}

/** When a job can run, in milliseconds since 1970. */
export function readyMs({ dueMs, againMs }: Job): number {
  return Math.max(dueMs, againMs);
}

/** Identifies the visible content of a post. */
export function hashOf({ isSilent: _, ...post }: Post): string {
  return createHash("sha256").update(JSON.stringify(post)).digest("hex").slice(0, 32);
}

type Due = Pick<Job, "post" | "isLast">;

/** Posts that should be visible and are not, or only in another version. */
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

/** Posts that are visible but no longer due, in their last version. */
function lastPosts({ book, posts, settle }: Want, channel: string): readonly Due[] {
  const wanted = new Set(posts.map(({ id }) => id));
  return Object.keys(book.on(channel)).flatMap((id) => {
    const last = wanted.has(id) ? undefined : book.post(id);
    return last === undefined ? [] : [{ post: { ...settle(last), isSilent: true }, isLast: true }];
  });
}
