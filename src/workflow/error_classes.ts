/**
 * The table of error classes: every way in which an attempt can fail, and what follows.
 *
 * @module
 */
import type { CrashCause, IterationEnd } from "./iteration_end.ts";

/** An end that is neither a success nor wanted: by a stop request, or a budget. */
export type Failure = Exclude<IterationEnd, { kind: "finished" | "aborted" | "over-budget" }>;

/** Tells whether an end is one of them. */
export function isFailure(end: IterationEnd): end is Failure {
  return end.kind !== "finished" && end.kind !== "aborted" && end.kind !== "over-budget";
}

/** The name of an error class. */
export type ErrorClassName = CrashCause | "timed-out" | "stalled" | "not-found" | "limit" | "throttled";

/** One error class. */
export interface ErrorClass {
  /** What it is, for the documentation. */
  readonly what: string;
  readonly then:
    /** Stop at once, and wait for a human. */
    | "block"
    /** Stop at once: nothing can be started. */
    | "fail"
    /** Wait until the limit ends. */
    | "wait"
    /** Try again after growing pauses for as long as patience lasts. Uses up no retry. */
    | "outlast"
    /** Use up a retry. */
    | "retry";
  readonly fallback: "never" | "at once" | "in a long outage";
}

/** The table. What a client shows of each class, its folder in `src/agents/` knows. */
export const ERROR_CLASSES = {
  "auth": { what: "the login or key was rejected", then: "block", fallback: "at once" },
  "billing": { what: "the account has no credit or quota left", then: "block", fallback: "never" },
  "request": { what: "the service rejected the request", then: "block", fallback: "never" },
  "setup": { what: "the client was started wrongly", then: "block", fallback: "never" },
  "not-found": { what: "the client is not installed", then: "fail", fallback: "never" },
  "limit": { what: "a usage limit that says when it ends", then: "wait", fallback: "at once" },
  "throttled": { what: "a limit that does not say when it ends", then: "outlast", fallback: "at once" },
  "service": { what: "the service is overloaded or broken", then: "outlast", fallback: "in a long outage" },
  "network": { what: "the service cannot be reached", then: "outlast", fallback: "in a long outage" },
  "timed-out": { what: "the iteration took too long", then: "retry", fallback: "never" },
  "stalled": { what: "the agent was silent for too long", then: "retry", fallback: "never" },
  "turns": { what: "the agent used up its model calls", then: "retry", fallback: "never" },
  "interrupted": { what: "the agent was killed, or its worker died", then: "retry", fallback: "never" },
  "unknown": { what: "the agent ended without saying why", then: "retry", fallback: "never" },
} as const satisfies Readonly<Record<ErrorClassName, ErrorClass>>;

/** Finds the class of a failure. A limit that ended before `now` no longer says when it ends. */
export function classOf(end: Failure, now: Date): ErrorClassName {
  if (end.kind === "crashed") return end.cause;
  if (end.kind !== "rate-limited") return end.kind;
  return limitWaitMs(end, now) === undefined ? "throttled" : "limit";
}

/** Tells whether an end is waited for and not counted: a limit, or an outage. */
export function isWaitedFor(end: IterationEnd, now: Date): boolean {
  if (!isFailure(end)) return false;
  const { then } = ERROR_CLASSES[classOf(end, now)];
  return then === "wait" || then === "outlast";
}

/** Slack after a limit's reported end: clocks differ. */
export const LIMIT_SLACK_MS = 15_000;

/** The wait until a limit ends; `undefined` if its end is unknown or past, or if the failure is no limit. */
export function limitWaitMs(end: Failure, now: Date): number | undefined {
  if (end.kind !== "rate-limited") return undefined;
  const waitMs = Date.parse(end.until ?? "") + LIMIT_SLACK_MS - now.getTime();
  return waitMs > 0 ? waitMs : undefined;
}

/** How many limits of one iteration are waited for without using up a retry, in case each is over within seconds. */
export const FREE_LIMITS = 3;

/**
 * Tells whether a failure uses up a retry.
 *
 * @param limits How many limits the iteration has met, with this one.
 */
export function countsAsFailure(
  end: IterationEnd,
  { at, limits }: { readonly at: Date; readonly limits: number },
): boolean {
  if (!isFailure(end)) return false;
  return !isWaitedFor(end, at) || (classOf(end, at) === "limit" && limits > FREE_LIMITS);
}
