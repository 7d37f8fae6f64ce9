/**
 * What happens after an attempt that failed without a usable signal: a retry, or a fallback, in which another provider
 * takes over until this one is available again.
 *
 * @module
 */
import { type CrashCause, describeEnd, type IterationEnd } from "./iteration_end.ts";
import type { Fallback } from "./session_event.ts";
import type { History } from "./history.ts";

/** The settings for retries. */
export interface RetryPolicy {
  /** How often a failed iteration is retried. */
  readonly maxRetries: number;
  /** The delay before the first retry; it doubles each time. */
  readonly retryDelayMs: number;
}

/** An end that is neither a success nor a requested stop. */
export type Failure = Exclude<IterationEnd, { kind: "finished" | "aborted" }>;

/** What happens after a failed attempt. */
export type RetryAction =
  /** With `fallback`, another provider takes over. */
  | { readonly kind: "retry"; readonly delayMs: number; readonly fallback?: Fallback }
  | { readonly kind: "block"; readonly reason: string }
  | { readonly kind: "fail"; readonly reason: string };

/** The longest delay between attempts after failures. */
export const MAX_RETRY_DELAY_MS = 300_000;

/** The longest wait for a usage limit to end: a subscription's five-hour window and some slack. */
export const MAX_LIMIT_WAIT_MS = 6 * 3_600_000;

/** Slack after a limit's reported end: clocks differ. */
export const LIMIT_SLACK_MS = 15_000;

/** How long to wait if a limit's end is unknown. */
export const UNKNOWN_LIMIT_WAIT_MS = 300_000;

/** Causes for which a retry would fail the same way, and may cost. */
const HOPELESS: readonly CrashCause[] = ["auth", "billing", "request", "setup"];

/**
 * Tells whether a failure uses up a retry. A limit with a known end does not: waiting is enough.
 *
 * @param at When the attempt ended.
 */
export function countsAsFailure(end: IterationEnd, at: Date): boolean {
  if (end.kind === "finished" || end.kind === "aborted") return false;
  return end.kind !== "rate-limited" || limitWaitMs(end, at) === undefined;
}

/** What {@linkcode afterFailure} depends on. */
export interface FailureState {
  /** Failed attempts of this iteration, including this one. */
  readonly failures: number;
  readonly policy: RetryPolicy;
  readonly now: Date;
  /** Omit it to disable the fallback. */
  readonly team?: Team;
}

/**
 * Decides what happens after an attempt that failed without a usable signal. A fallback takes over if there is one and it
 * helps. A fallback that fails waits for the provider it replaces, if that is available first. Else the policy decides.
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

/** A limit or a missing login lasts; an outage counts once the retries are used up. */
function isCauseToChange(end: Failure, alone: RetryAction): boolean {
  if (end.kind === "rate-limited") return true;
  if (end.kind !== "crashed") return false;
  return end.cause === "auth" || (end.cause === "service" && alone.kind === "fail");
}

/** Capped, because not every sum is a valid date. */
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
  // The factor is capped, too: 0 ms times infinity is NaN, and a wait for NaN never ends.
  const factor = Math.min(2 ** (failures - 1), MAX_RETRY_DELAY_MS);
  return { kind: "retry", delayMs: Math.min(policy.retryDelayMs * factor, MAX_RETRY_DELAY_MS) };
}

/** The wait until a limit ends; `undefined` if its end is unknown or past. */
function limitWaitMs(end: Extract<IterationEnd, { kind: "rate-limited" }>, now: Date): number | undefined {
  const waitMs = Date.parse(end.until ?? "") + LIMIT_SLACK_MS - now.getTime();
  return waitMs > 0 ? waitMs : undefined;
}

function inWords(end: Failure): string {
  return `The agent ${describeEnd(end)}`;
}

/** The provider of the attempt that just ended, and the one that could take over. */
export interface Team {
  readonly worker: string | undefined;
  /** The provider that may take over, if any. */
  readonly substitute: string | undefined;
  /** If the worker is a fallback, when the provider that it replaces is available again, if known. */
  readonly backAt: Date | undefined;
}

/** No fallback. */
export const ALONE: Team = { worker: undefined, substitute: undefined, backAt: undefined };

/** How long to wait before trying a provider again if it is unknown when it is available. */
export const FALLBACK_MS = 900_000;

/** Reads from the history who could take over. Once per iteration, so that two failing providers do not alternate. */
export function teamOf(
  { attempt, fallback, relieved }: Pick<History, "attempt" | "fallback" | "relieved">,
  { own, fallbackProvider }: {
    /** The phase's own provider. */
    readonly own: string;
    /** The configured fallback, if any. */
    readonly fallbackProvider: string | undefined;
  },
): Team {
  const worker = attempt?.provider;
  if (fallbackProvider === undefined || worker === undefined) return ALONE;
  const isFallback = fallback?.instead === own && fallback.provider === worker;
  return {
    worker,
    substitute: worker === fallbackProvider || relieved ? undefined : fallbackProvider,
    backAt: isFallback && fallback.until !== undefined ? new Date(fallback.until) : undefined,
  };
}

/**
 * Tells which provider replaces `own`; `undefined` if `own` works itself. If it is unknown when `own` is available, the
 * fallback finishes its iteration, and `own` is tried again after {@linkcode FALLBACK_MS}.
 */
export function fallbackFor(
  own: string,
  { fallback, attempt, now }: {
    readonly fallback: History["fallback"];
    /** Of the attempt that is about to begin. */
    readonly attempt: number;
    readonly now: Date;
  },
): string | undefined {
  if (fallback?.instead !== own) return undefined;
  const { provider, until, since } = fallback;
  if (until !== undefined) return now.getTime() < Date.parse(until) ? provider : undefined;
  return attempt > 1 || now.getTime() < Date.parse(since) + FALLBACK_MS ? provider : undefined;
}
