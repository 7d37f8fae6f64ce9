/**
 * How an attempt's agent process ended, in terms that fit every provider.
 *
 * @module
 */
import { type Checked, number, oneOf, orUndefined, text, variant } from "./shape.ts";

const CRASH_CAUSES = [
  /** The login or key was rejected; retrying does not help. */
  "auth",
  /** The account has no credit or quota left. */
  "billing",
  /** The service rejected the request: unknown model, prompt too long, bad request. */
  "request",
  /** The service was overloaded or broken. In the journals of older versions also: it could not be reached. */
  "service",
  /** The service could not be reached. */
  "network",
  /** The agent used up its model calls before it finished. */
  "turns",
  /** The agent client was started wrongly: a bad flag, agent or configuration. */
  "setup",
  /** The agent was interrupted, or the worker died before it saw the end. */
  "interrupted",
  /** The process ended without saying why. */
  "unknown",
] as const;

/** Why an agent's run failed, as far as it is known. */
export type CrashCause = (typeof CRASH_CAUSES)[number];

/** Checks an end read from a journal. */
export const iterationEnd = variant("kind", {
  "finished": {},
  "timed-out": { afterMs: number },
  "stalled": { silentMs: number },
  "crashed": { cause: oneOf(CRASH_CAUSES), detail: text, exitCode: orUndefined(number) },
  "not-found": { binary: text },
  "rate-limited": { until: orUndefined(text), detail: text },
  "aborted": { by: text },
  /** Samocode or the agent itself ended it: the budget is used up. */
  "over-budget": { detail: text },
});

/** How one attempt ended. */
export type IterationEnd = Checked<typeof iterationEnd>;

/** Describes an end in a few words, for a log line or a person. */
export function describeEnd(end: IterationEnd): string {
  switch (end.kind) {
    case "finished":
      return "finished";
    case "timed-out":
      return `timed out after ${Math.round(end.afterMs / 1000)} s`;
    case "stalled":
      return `said nothing for ${Math.round(end.silentMs / 1000)} s`;
    case "crashed":
      return `failed: ${end.detail}`;
    case "not-found":
      return `could not be started: ${end.binary} not found`;
    case "rate-limited":
      return `hit a usage limit${end.until === undefined ? "" : ` until ${end.until}`}: ${end.detail}`;
    case "aborted":
      return `was ended: ${end.by}`;
    case "over-budget":
      return `was ended: the budget is used up (${end.detail})`;
  }
}
