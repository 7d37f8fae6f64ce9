/**
 * The progress of a run, folded from its events, for the live area and the closing block.
 *
 * @module
 */
import { type Evidence, foldEvidence, NO_EVIDENCE } from "../workflow/evidence.ts";
import type { Phase } from "../workflow/phases.ts";
import { addUsage, NO_USAGE, type RecordedEvent, type Usage, type Work } from "../workflow/session_event.ts";
import { describeEvent, describeGuard } from "../messages/describe_event.ts";

/** What earlier runs of the session took. */
export interface EarlierRuns {
  readonly costUsd: number | undefined;
  readonly iterations: number;
  readonly evidence: Evidence;
}

/** The progress of a run. Times are in milliseconds since 1970. */
export interface RunProgress {
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly phase: Phase | undefined;
  readonly iteration: number | undefined;
  readonly iterationStartedAtMs: number | undefined;
  /** What is going on now, in words that are safe for a terminal. */
  readonly doing: string;
  /** When the current pause ends. */
  readonly pauseUntilMs: number | undefined;
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

/** Before the first event. */
export const NOTHING_YET: RunProgress = {
  startedAtMs: undefined,
  endedAtMs: undefined,
  phase: undefined,
  iteration: undefined,
  iterationStartedAtMs: undefined,
  doing: "starting",
  pauseUntilMs: undefined,
  iterations: 0,
  guard: "",
  evidence: NO_EVIDENCE,
  work: undefined,
  usage: NO_USAGE,
};

/** What a pause is for; the time that is left precedes it. */
const PAUSES = {
  limit: "until a usage limit ends",
  outage: "until the next attempt, in an outage",
  retry: "pausing before the next attempt",
};

/** Adds one event. */
export function advance(before: RunProgress, event: RecordedEvent): RunProgress {
  const atMs = Date.parse(event.at);
  const evidence = foldEvidence(before.evidence, event);
  const progress = { ...before, startedAtMs: before.startedAtMs ?? atMs, evidence };
  switch (event.type) {
    case "session.started":
      return {
        ...progress,
        startedAtMs: atMs,
        guard: event.guard === undefined ? "" : describeGuard(event.guard),
      };
    case "check.started":
      return {
        ...progress,
        iterationStartedAtMs: undefined,
        doing: describeEvent(event, { maxText: 200 }),
        pauseUntilMs: undefined,
      };
    case "check.ended":
      return { ...progress, doing: "deciding" };
    case "phase.entered":
      return { ...progress, phase: event.phase };
    case "iteration.started":
      return {
        ...progress,
        phase: event.phase,
        iteration: event.iteration,
        iterations: progress.iterations + (event.iteration === progress.iteration ? 0 : 1),
        iterationStartedAtMs: atMs,
        pauseUntilMs: undefined,
        doing: "starting the agent",
      };
    case "agent.started":
      return { ...progress, doing: "thinking" };
    case "agent.acted":
    case "agent.said":
    case "agent.denied":
      return { ...progress, doing: describeEvent(event, { maxText: 200 }), pauseUntilMs: undefined };
    case "agent.retried":
      return { ...progress, doing: "waiting for the agent's service", pauseUntilMs: atMs + event.delayMs };
    case "iteration.ended":
      return {
        ...progress,
        usage: addUsage(progress.usage, event.usage),
        iterationStartedAtMs: undefined,
        doing: "deciding",
        pauseUntilMs: undefined,
      };
    case "iteration.retried":
      return { ...progress, doing: PAUSES[event.wait?.for ?? "retry"], pauseUntilMs: atMs + event.delayMs };
    case "work.counted":
      return { ...progress, work: event };
    case "session.stopped":
      return { ...progress, endedAtMs: atMs, iterationStartedAtMs: undefined, pauseUntilMs: undefined };
    default:
      return progress;
  }
}

/** The session's cost so far, with earlier runs; `undefined` if no provider reported any. */
export function sessionCost(progress: RunProgress, before: EarlierRuns): number | undefined {
  return addUsage({ ...NO_USAGE, costUsd: before.costUsd }, progress.usage).costUsd;
}
