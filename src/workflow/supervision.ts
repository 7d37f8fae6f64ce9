/**
 * What a supervisor does about a session that no worker works on.
 *
 * @module
 */
import { nextDay, NOTHING_SPENT, raisedLimits, sharesOf, spentBySession, usedOf } from "./budget.ts";
import type { History } from "./history.ts";

/** What to do about it. */
export type Duty =
  /** It waits for a human, or is over. */
  | { readonly kind: "none" }
  | { readonly kind: "start"; readonly because: StartReason; readonly notBeforeMs: number }
  /** It keeps dying. */
  | { readonly kind: "give-up"; readonly deaths: number };

type StartReason = "died" | "interrupted" | "queued" | "new day";

/** After so many deaths in a row, by the system's requests to end, too, a worker will hardly live the next time. */
export const MAX_DEATHS = 5;

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** Tells whether a session, on which no worker works, ended without anybody's decision. */
export function isLost({ running, isInterrupted, stopRequestedBy }: History): boolean {
  return stopRequestedBy === undefined && (running || isInterrupted);
}

/** Tells whether a session waits for another day: the budget of this one is used up, and none of its own limits is. */
export function waitsForDay(history: History): boolean {
  const { running, stopRequestedBy, outcome, budget } = history;
  const { limits } = budget;
  if (running || stopRequestedBy !== undefined || limits === undefined) return false;
  if (outcome?.kind !== "waiting" || outcome.for !== "budget") return false;
  const spent = { session: spentBySession(history), day: NOTHING_SPENT };
  return sharesOf(raisedLimits(limits, budget, ""), spent).every((share) => usedOf(share) < 1);
}

/**
 * Decides about a session without a worker. One that died, or was ended by the system before, is given a pause, which
 * grows; a limit or an outage that it waited for is waited out first, and so is the day whose budget is used up.
 *
 * @param noticedAtMs When the supervisor saw that there is no worker, in milliseconds since 1970.
 */
export function dutyOf(history: History, noticedAtMs: number): Duty {
  const { running, queued, deaths, rest, lastAt = "" } = history;
  if (!isLost(history)) {
    if (queued !== undefined) return { kind: "start", because: "queued", notBeforeMs: 0 };
    if (!waitsForDay(history)) return { kind: "none" };
    const notBeforeMs = Math.max(noticedAtMs, nextDay(new Date(lastAt)).getTime());
    return { kind: "start", because: "new day", notBeforeMs };
  }
  if (deaths >= MAX_DEATHS) return { kind: "give-up", deaths: deaths + 1 };
  const pauseMs = running || deaths > 0 ? Math.min(FIRST_PAUSE_MS * 2 ** deaths, LONGEST_PAUSE_MS) : 0;
  const notBeforeMs = Math.max(noticedAtMs + pauseMs, rest?.endsAtMs ?? 0);
  return { kind: "start", because: running ? "died" : "interrupted", notBeforeMs };
}
