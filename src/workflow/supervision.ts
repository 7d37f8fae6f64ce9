/**
 * What a supervisor does about a session that no worker works on.
 *
 * @module
 */
import type { History } from "./history.ts";

/** What to do about it. */
export type Duty =
  /** It waits for a human, or is over. */
  | { readonly kind: "none" }
  | { readonly kind: "start"; readonly because: "died" | "interrupted" | "queued"; readonly notBeforeMs: number }
  /** It keeps dying. */
  | { readonly kind: "give-up"; readonly deaths: number };

/** After so many deaths in a row, by the system's requests to end, too, a worker will hardly live the next time. */
export const MAX_DEATHS = 5;

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** Tells whether a session, on which no worker works, ended without anybody's decision. */
export function isLost({ running, isInterrupted, stopRequestedBy }: History): boolean {
  return stopRequestedBy === undefined && (running || isInterrupted);
}

/**
 * Decides about a session without a worker. One that died, or was ended by the system before, is given a pause, which
 * grows; a limit or an outage that it waited for is waited out first.
 *
 * @param noticedAtMs When the supervisor saw that there is no worker, in milliseconds since 1970.
 */
export function dutyOf(history: History, noticedAtMs: number): Duty {
  const { running, queued, deaths, rest } = history;
  if (!isLost(history)) {
    return queued === undefined ? { kind: "none" } : { kind: "start", because: "queued", notBeforeMs: 0 };
  }
  if (deaths >= MAX_DEATHS) return { kind: "give-up", deaths: deaths + 1 };
  const pauseMs = running || deaths > 0 ? Math.min(FIRST_PAUSE_MS * 2 ** deaths, LONGEST_PAUSE_MS) : 0;
  const notBeforeMs = Math.max(noticedAtMs + pauseMs, rest?.endsAtMs ?? 0);
  return { kind: "start", because: running ? "died" : "interrupted", notBeforeMs };
}
