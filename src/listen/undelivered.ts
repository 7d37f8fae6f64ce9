/**
 * What a channel has not accepted so far, for `samocode status` and `doctor`.
 *
 * @module
 */
import type { Topic } from "../channels/post.ts";
import { type Job, readyMs } from "./jobs.ts";

/** A post that a channel has not accepted so far. */
export interface Undelivered {
  readonly session: string;
  readonly title: string;
  readonly topic: Topic;
  readonly channel: string;
  /** ISO 8601. */
  readonly since: string;
  /** Empty while nothing has gone wrong. */
  readonly because: string;
  /** Whether the listener should keep running for it. */
  readonly isHopeful: boolean;
}

/** A post that is undelivered for longer does not keep the listener running. */
const HOPEFUL_MS = 86_400_000;

/** Describes a job of a channel with this title. `trouble` is why the channel does not work at the moment, if it does not. */
export function undeliveredFrom(
  job: Job,
  { channel, trouble, nowMs }: { readonly channel: string; readonly trouble: string; readonly nowMs: number },
): Undelivered {
  const { want: { book: { session } }, post: { title, topic }, sinceMs, because } = job;
  return {
    ...{ session, title, topic, channel },
    since: new Date(sinceMs).toISOString(),
    // Everything queued behind a failed post waits for the same reason.
    because: because || (readyMs(job) <= nowMs ? trouble : ""),
    isHopeful: sinceMs + HOPEFUL_MS > nowMs,
  };
}
