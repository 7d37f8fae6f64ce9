/**
 * The view of a session from its history alone, for tests of what a terminal shows.
 *
 * @module
 */
import type { SessionView } from "../../src/messages/describe_view.ts";
import type { History } from "../../src/workflow/history.ts";
import { usedSoFar } from "../../src/workflow/attempt.ts";
import { describeOutcome } from "../../src/messages/describe_outcome.ts";

/** What a status of this history would have, as far as a view needs it. */
export function viewOf(history: History, more: Partial<SessionView> = {}): SessionView {
  const { attempt, doing, outcome, running } = history;
  const { costUsd, estimatedUsd, inputTokens, outputTokens, cacheReadTokens } = usedSoFar(history);
  const isOpen = attempt !== undefined && attempt.end === undefined;
  return {
    session: history.name,
    state: running ? "running" : outcome?.kind ?? "stopped",
    phase: history.phase,
    iteration: attempt?.iteration ?? 0,
    attempt: attempt?.attempt ?? 0,
    activity: history.activity,
    detail: outcome === undefined ? "" : describeOutcome(outcome, (text) => text).text,
    now: doing && {
      ...doing,
      attempt: isOpen
        ? { startedAt: attempt.startedAt, timeoutMs: attempt.timeoutMs, heardAt: attempt.seenAt }
        : undefined,
    },
    wait: undefined,
    runStartedAt: history.runStartedAt,
    plan: undefined,
    commit: undefined,
    tokens: { input: inputTokens + cacheReadTokens, output: outputTokens },
    costUsd,
    estimatedUsd,
    budget: [],
    ...more,
  };
}
