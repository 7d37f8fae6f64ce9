/**
 * Describes what a session waits for, and which provider takes over.
 *
 * @module
 */
import { formatCount, formatDuration, localMoment } from "../text/format.ts";
import type { Fallback, Wait } from "../workflow/iteration_events.ts";

/** Why a session has to wait for its turn. */
export function describeQueue({ running, most }: { readonly running: number; readonly most: number }): string {
  return `${formatCount(running, "session")} running, of at most ${most} (SAMOCODE_MAX_PARALLEL)`;
}

/** Which provider takes over, and until when. */
export function describeFallback({ provider, instead, until }: Fallback): string {
  return `${provider} takes over from ${instead}${until === undefined ? "" : ` until ${localMoment(until)}`}`;
}

/** What is waited for before the next attempt, and how long. */
export function describeWait(wait: Wait | undefined, leftMs: number): string {
  const left = formatDuration(leftMs);
  switch (wait?.for) {
    case "limit":
      return `Waiting ${left} for a usage limit to end`;
    case "outage":
      return `Waiting ${left} in an outage (${formatCount(wait.tries, "failure")} so far)`;
    case undefined:
      return `Retrying in ${left}`;
  }
}
