/**
 * The retry policy: what to do after an attempt that left no usable signal.
 *
 * @module
 */
import { type CrashCause, describeEnd, type IterationEnd } from "./iteration_end.ts";
import { ALONE, type Team } from "./fallback.ts";
import type { Fallback } from "./session_event.ts";

/** How context the loop is. */
export interface RetryPolicy {
  /** How often a failed iteration is tried again. */
  readonly maxRetries: number;
  /** The first pause before trying again; it doubles each time. */
  readonly retryDelayMs: number;
}

/** An end that is neither a success nor somebody's wish. */
export type Failure = Exclude<IterationEnd, { kind: "finished" | "aborted" }>;

/** What follows a failed attempt. */
export type RetryAction =
  /** With `fallback` another provider does it. */
  | { readonly kind: "retry"; readonly delayMs: number; readonly fallback?: Fallback }
  | { readonly kind: "block"; readonly reason: string }
  | { readonly kind: "fail"; readonly reason: string };

/** The longest pause between two attempts after failures. */
export const MAX_RETRY_DELAY_MS = 300_000;

/** The longest wait for a usage limit to end: the five-hour window of a subscription, and some slack. */
export const MAX_LIMIT_WAIT_MS = 6 * 3_600_000;

/** Slack after the moment a limit is said to end: clocks differ. */
export const LIMIT_SLACK_MS = 15_000;

/** How long to wait where a limit's end is not told. */
export const UNKNOWN_LIMIT_WAIT_MS = 300_000;

/** A second try would fail the same way, and may cost. */
const HOPELESS: readonly CrashCause[] = ["auth", "billing", "request", "setup"];

/**
 * Tells whether a failure uses up one of the retries. A limit with a known end does not: waiting is the cure.
 *
 * @param at When the attempt ended.
 */
export function countsAsFailure(end: IterationEnd, at: Date): boolean {
  if (end.kind === "finished" || end.kind === "aborted") return false;
  return end.kind !== "rate-limited" || limitWaitMs(end, at) === undefined;
}

/** All that it depends on what follows a failure. */
export interface FailureState {
  /** How many attempts of this iteration have failed, this one included. */
  readonly failures: number;
  readonly policy: RetryPolicy;
  readonly now: Date;
  /** Nobody stands in for anybody without it. */
  readonly team?: Team;
}

/**
 * Decides what follows an attempt that ended without a usable signal: another provider takes over where one may and
 * that helps; one that has another's place makes room where that one is back first; else what the policy says.
 */
export function afterFailure(end: Failure, state: FailureState): RetryAction {
  const alone = afterFailureAlone(end, state);
  const { team: { worker, substitute, backAt } = ALONE, now } = state;
  if (worker !== undefined && substitute !== undefined && isCauseToChange(end, alone)) {
    const waitMs = end.kind === "rate-limited" ? limitWaitMs(end, now) : undefined;
    const until = waitMs === undefined ? undefined : timeAfter(now, waitMs);
    return { kind: "retry", delayMs: 0, fallback: { instead: worker, provider: substitute, until } };
  }
  const backInMs = (backAt?.getTime() ?? NaN) - now.getTime();
  if (!(backInMs > 0 && backInMs <= MAX_LIMIT_WAIT_MS)) return alone;
  return alone.kind === "retry" && alone.delayMs <= backInMs ? alone : { kind: "retry", delayMs: backInMs };
}

/** A limit and a missing login do not heal soon; an outage is one when the retries did not help. */
function isCauseToChange(end: Failure, alone: RetryAction): boolean {
  if (end.kind === "rate-limited") return true;
  if (end.kind !== "crashed") return false;
  return end.cause === "auth" || (end.cause === "service" && alone.kind === "fail");
}

/** Not every sum is a date. */
function timeAfter(now: Date, ms: number): string {
  return new Date(Math.min(now.getTime() + ms, MAX_TIME_MS)).toISOString();
}

/** The last moment that a date can name: ECMA-262, "Time Values and Time Range". */
const MAX_TIME_MS = 8.64e15;

function afterFailureAlone(end: Failure, { failures, policy, now }: FailureState): RetryAction {
  if (end.kind === "not-found") return { kind: "fail", reason: inWords(end) };
  if (end.kind === "crashed" && HOPELESS.includes(end.cause)) return { kind: "block", reason: inWords(end) };
  const waitMs = end.kind === "rate-limited" ? limitWaitMs(end, now) : undefined;
  if (waitMs !== undefined) {
    return waitMs > MAX_LIMIT_WAIT_MS ? { kind: "block", reason: inWords(end) } : { kind: "retry", delayMs: waitMs };
  }
  if (failures > policy.maxRetries) {
    return { kind: "fail", reason: `${inWords(end)} (attempt ${failures} of ${policy.maxRetries + 1})` };
  }
  if (end.kind === "rate-limited") return { kind: "retry", delayMs: UNKNOWN_LIMIT_WAIT_MS };
  // The factor is capped, too: 0 ms times infinity would be no number, and a wait for no number never ends.
  const factor = Math.min(2 ** (failures - 1), MAX_RETRY_DELAY_MS);
  return { kind: "retry", delayMs: Math.min(policy.retryDelayMs * factor, MAX_RETRY_DELAY_MS) };
}

/** The wait until a limit has ended. An end that is past cures nothing: it is as good as not told. */
function limitWaitMs(end: Extract<IterationEnd, { kind: "rate-limited" }>, now: Date): number | undefined {
  const waitMs = Date.parse(end.until ?? "") + LIMIT_SLACK_MS - now.getTime();
  return waitMs > 0 ? waitMs : undefined;
}

function inWords(end: Failure): string {
  return `The agent ${describeEnd(end)}`;
}
