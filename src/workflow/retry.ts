/**
 * What happens after an attempt that failed without a usable signal, and which provider makes the next one.
 *
 * @module
 */
import { formatDuration } from "../text/format.ts";
import { classOf, ERROR_CLASSES, type Failure, FREE_LIMITS, limitWaitMs } from "./error_classes.ts";
import type { History } from "./history.ts";
import type { Rest } from "./attempt.ts";
import { describeEnd } from "./iteration_end.ts";
import type { Fallback, Wait } from "./iteration_events.ts";

/** The settings for retries and waits. */
export interface RetryPolicy {
  /** How often a failed iteration is retried. */
  readonly maxRetries: number;
  /** The pause before the first retry; it doubles each time. */
  readonly retryDelayMs: number;
  /** How long an outage is waited out. */
  readonly outagePatienceMs: number;
  /** The longest wait for a usage limit to end. */
  readonly maxLimitWaitMs: number;
}

/** What happens after a failed attempt. */
export type RetryAction =
  /** With `fallback`, another provider takes over. */
  | { readonly kind: "retry"; readonly delayMs: number; readonly wait?: Wait; readonly fallback?: Fallback }
  | { readonly kind: "block"; readonly reason: string }
  | { readonly kind: "fail"; readonly reason: string };

/** The longest pause between attempts after failures. */
export const MAX_RETRY_DELAY_MS = 300_000;

/** The shortest pause in an outage, whatever the setting: six hours of attempts without a pause would help nobody. */
export const MIN_OUTAGE_DELAY_MS = 1_000;

/** What {@linkcode afterFailure} depends on. */
export interface FailureState {
  /** Failed attempts of this iteration, including this one. */
  readonly failures: number;
  /** Usage limits that this iteration has met, including this one. */
  readonly limits: number;
  /** The outage that is being waited out, if any. */
  readonly outage: History["outage"];
  readonly policy: RetryPolicy;
  readonly now: Date;
  /** A random number from 0 to 1, so that many sessions do not all return at the same moment. */
  readonly random: number;
  /** Omit it to disable the fallback. */
  readonly team?: Team;
}

/**
 * Decides what happens after an attempt that failed without a usable signal. A fallback takes over if there is one and it
 * helps. A fallback that fails waits for the provider it replaces, if that is available first. Else the policy decides.
 */
export function afterFailure(end: Failure, state: FailureState): RetryAction {
  const alone = afterFailureAlone(end, state);
  const { team: { worker, substitute, backAt } = ALONE, now, policy } = state;
  if (worker !== undefined && substitute !== undefined && isCauseToChange(end, alone, state)) {
    const until = replacedUntil(end, now);
    return { kind: "retry", delayMs: 0, fallback: { instead: worker, provider: substitute, until } };
  }
  const backInMs = (backAt?.getTime() ?? NaN) - now.getTime();
  if (!(backInMs > 0 && backInMs <= policy.maxLimitWaitMs)) return alone;
  return alone.kind === "retry" && alone.delayMs <= backInMs ? alone : { kind: "retry", delayMs: backInMs };
}

/** A limit or a missing login lasts; an outage counts after as many attempts as other failures get. */
function isCauseToChange(end: Failure, alone: RetryAction, { policy, now }: FailureState): boolean {
  const { fallback } = ERROR_CLASSES[classOf(end, now)];
  if (fallback !== "in a long outage") return fallback === "at once";
  return alone.kind === "fail" ||
    (alone.kind === "retry" && alone.wait?.for === "outage" && alone.wait.tries > policy.maxRetries);
}

/** When to try the replaced provider again: after its limit or, in an outage, after a while; `undefined` if unknown. */
function replacedUntil(end: Failure, now: Date): string | undefined {
  const isOut = ERROR_CLASSES[classOf(end, now)].fallback === "in a long outage";
  const waitMs = limitWaitMs(end, now) ?? (isOut ? FALLBACK_MS : undefined);
  return waitMs === undefined ? undefined : timeAfter(now.getTime(), waitMs);
}

/** A time as ISO 8601. Capped, because not every sum is a valid date. */
export function timeAfter(fromMs: number, ms: number): string {
  return new Date(Math.min(fromMs + ms, MAX_TIME_MS)).toISOString();
}

/** The last moment that a date can name: ECMA-262, "Time Values and Time Range". */
const MAX_TIME_MS = 8.64e15;

function afterFailureAlone(end: Failure, state: FailureState): RetryAction {
  switch (ERROR_CLASSES[classOf(end, state.now)].then) {
    case "block":
      return { kind: "block", reason: inWords(end) };
    case "fail":
      return { kind: "fail", reason: inWords(end) };
    case "wait":
      return atLimit(end, state);
    case "outlast":
      return inOutage(end, state);
    case "retry":
      return withinRetries(end, state);
  }
}

function atLimit(end: Failure, state: FailureState): RetryAction {
  const { policy, now, limits } = state;
  const namedMs = limitWaitMs(end, now);
  const waitMs = namedMs ?? 0;
  if (waitMs > policy.maxLimitWaitMs) return { kind: "block", reason: inWords(end) };
  const retry = limits > FREE_LIMITS ? withinRetries(end, state) : { kind: "retry", delayMs: waitMs } as const;
  if (retry.kind !== "retry") return retry;
  const delayMs = Math.max(waitMs, retry.delayMs);
  const until = namedMs === undefined ? {} : { until: timeAfter(now.getTime(), delayMs) };
  return { ...retry, delayMs, wait: { for: "limit", ...until } };
}

function inOutage(end: Failure, { policy, outage, now, random }: FailureState): RetryAction {
  const since = outage?.since ?? now.toISOString();
  const tries = (outage?.tries ?? 0) + 1;
  const leftMs = policy.outagePatienceMs - (outage?.spentMs ?? 0);
  if (!(leftMs > 0)) {
    const patience = formatDuration(policy.outagePatienceMs);
    return { kind: "fail", reason: `${inWords(end)} (waited ${patience}, as SAMOCODE_OUTAGE_PATIENCE allows)` };
  }
  const pauseMs = growing(Math.max(policy.retryDelayMs, MIN_OUTAGE_DELAY_MS), tries) * (1 - random / 2);
  const delayMs = Math.round(Math.min(pauseMs, leftMs));
  return { kind: "retry", delayMs, wait: { for: "outage", since, tries, until: timeAfter(now.getTime(), leftMs) } };
}

function withinRetries(end: Failure, { policy, failures }: FailureState): RetryAction {
  if (failures > policy.maxRetries) {
    return { kind: "fail", reason: `${inWords(end)} (attempt ${failures} of ${policy.maxRetries + 1})` };
  }
  return { kind: "retry", delayMs: growing(policy.retryDelayMs, failures) };
}

/**
 * How much of a pause is left. Until a time that somebody named, the wall clock counts as it is set now; any other pause
 * is never longer than it was meant to be.
 */
export function restLeftMs({ endsAtMs, delayMs, wait }: Rest, nowMs: number): number {
  if (wait?.for === "limit" && wait.until !== undefined) return Date.parse(wait.until) - nowMs;
  return Math.min(endsAtMs - nowMs, delayMs);
}

/** A pause that doubles each time. The factor is capped, too: 0 ms times infinity is NaN, and a wait for NaN never ends. */
function growing(firstMs: number, times: number): number {
  return Math.min(firstMs * Math.min(2 ** (times - 1), MAX_RETRY_DELAY_MS), MAX_RETRY_DELAY_MS);
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
  const passedMs = now.getTime() - Date.parse(since);
  // A clock that was set back must not keep it for longer.
  return attempt > 1 || (passedMs >= 0 && passedMs < FALLBACK_MS) ? provider : undefined;
}
