/**
 * What a run took: what the session has come to since the run began.
 *
 * @module
 */
import type { Evidence } from "../workflow/evidence.ts";
import type { History } from "../workflow/history.ts";
import { nextAttempt } from "../workflow/attempt.ts";
import { addUsage, NO_USAGE, type Usage } from "../workflow/usage.ts";
import type { Work } from "../workflow/work.ts";
import { describeGuard } from "../messages/describe_event.ts";

/** What earlier runs of the session took. */
export interface EarlierRuns {
  readonly costUsd: number | undefined;
  readonly iterations: number;
  readonly evidence: Evidence;
}

/** What a run took. Times are in milliseconds since 1970. */
export interface RunProgress {
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** How many iterations this run has started. */
  readonly iterations: number;
  /** What guards its agents, in words; empty where that is not known. */
  readonly guard: string;
  /** What the checks said. */
  readonly evidence: Evidence;
  /** What was committed; `undefined` until the session is done. */
  readonly work: Work | undefined;
  /** What this run's ended attempts used. */
  readonly usage: Usage;
}

/** What a session had taken when its history was this. */
export function earlierRuns(history: History): EarlierRuns {
  const { usage, evidence } = history;
  return { costUsd: usage.costUsd, iterations: nextAttempt(history).iteration - 1, evidence };
}

/** What a run took, from the session's history before it and at its end. */
export function runProgress(before: History, after: History): RunProgress {
  const hasWorked = after.attempt !== undefined && after.attempt.marker !== before.attempt?.marker;
  return {
    startedAtMs: msOf(after.runStartedAt),
    endedAtMs: msOf(after.lastAt),
    iterations: hasWorked ? after.attempt.iteration - earlierRuns(before).iterations : 0,
    guard: after.guard === undefined ? "" : describeGuard(after.guard),
    evidence: after.evidence,
    work: after.work,
    usage: difference(after.usage, before.usage),
  };
}

function msOf(at: string | undefined): number | undefined {
  return at === undefined ? undefined : Date.parse(at);
}

/** Less is rounding. */
const NO_USD = 1e-9;

function difference(after: Usage, before: Usage): Usage {
  const usd = (after.costUsd ?? 0) - (before.costUsd ?? 0);
  const estimatedUsd = (after.estimatedUsd ?? 0) - (before.estimatedUsd ?? 0);
  return {
    costUsd: usd > NO_USD ? usd : undefined,
    inputTokens: after.inputTokens - before.inputTokens,
    outputTokens: after.outputTokens - before.outputTokens,
    cacheReadTokens: after.cacheReadTokens - before.cacheReadTokens,
    cacheWriteTokens: after.cacheWriteTokens - before.cacheWriteTokens,
    modelCalls: after.modelCalls - before.modelCalls,
    ...(estimatedUsd > NO_USD && { estimatedUsd }),
  };
}

/** The session's cost so far, with earlier runs; `undefined` if no provider reported any. */
export function sessionCost(progress: RunProgress, before: EarlierRuns): number | undefined {
  return addUsage({ ...NO_USAGE, costUsd: before.costUsd }, progress.usage).costUsd;
}
