/**
 * What the events of a session as a whole add to its history.
 *
 * @module
 */
import { whereAdopted } from "./adoption.ts";
import { nextAttempt, settled } from "./attempt.ts";
import { gateOpenedBy } from "./gates.ts";
import { type History, NO_WAIT } from "./history.ts";
import { FIRST_PHASE } from "./phases.ts";
import { NO_PROGRESS } from "./progress.ts";
import type { Outcome, RUN_EVENTS } from "./run_events.ts";
import type { Assignment, RecordedIn } from "./session_event.ts";
import type { Adoption } from "./work.ts";

/** Adds one of these events to a history. */
export function foldRun(history: History, event: RecordedIn<typeof RUN_EVENTS>): History {
  switch (event.type) {
    case "session.created":
      return {
        ...history,
        ...assigned(event, event.by),
        createdAt: event.at,
        name: event.name,
        budget: { ...history.budget, maxCostUsd: event.maxCostUsd },
        ...(event.adopted && adoptedAs(event.adopted)),
      };
    case "task.given":
      return {
        ...history,
        attempt: settled(history.attempt),
        ...assigned(event, event.by),
        earlierTasks: history.earlierTasks + 1,
        taskCommit: event.commit,
        // It begins anew; what it spent, its workplace and its checks stay.
        phase: FIRST_PHASE,
        notebookPhase: undefined,
        iterationsInVisit: 0,
        ...NO_WAIT,
        failures: 0,
        repairs: 0,
        pause: undefined,
        owed: undefined,
        shown: undefined,
        waived: [],
        sentBack: undefined,
        hasBuilt: false,
        review: undefined,
        outcome: undefined,
        resumedAfter: undefined,
        work: undefined,
        finish: undefined,
        isInterrupted: false,
        stopRequestedBy: undefined,
      };
    case "session.prepared":
      return { ...history, workplace: event.workplace };
    case "session.queued":
      return { ...history, queued: { since: event.at, running: event.running, most: event.most } };
    case "session.started":
      return {
        ...history,
        provider: event.provider,
        guard: event.guard,
        budget: { ...history.budget, limits: event.limits },
        leftOut: [],
        isProviderNamed: event.isProviderNamed === true,
        workerMarker: event.marker,
        entries: {},
        queued: undefined,
        isInterrupted: false,
        deaths: history.running || history.isInterrupted ? history.deaths + 1 : 0,
        running: true,
        runStartedAt: event.at,
        doing: { kind: "deciding", since: event.at },
        outcome: undefined,
        resumedAfter: history.outcome ?? history.resumedAfter,
        stopRequestedBy: undefined,
        failures: 0,
        repairs: 0,
        // If it is unknown when a provider is available, running the session again tries it.
        fallback: history.fallback?.until === undefined ? undefined : history.fallback,
        relieved: false,
        iterationsInVisit: history.outcome?.kind === "blocked" ? grantedAnew(history) : history.iterationsInVisit,
        // A human looked at it and went on. A worker that died was no human's decision.
        ...(!history.running && {
          progress: NO_PROGRESS,
          review: history.review && { ...history.review, isFresh: false },
        }),
        activity: "",
      };
    case "work.counted": {
      const { type: _type, seq: _seq, at: _at, ...work } = event;
      return { ...history, work };
    }
    case "session.finished": {
      const { type: _type, seq: _seq, at: _at, ...finish } = event;
      return { ...history, finish };
    }
    case "session.moved":
      return { ...history, epoch: event.epoch };
    case "workplace.removed":
      return { ...history, workplace: undefined };
    case "session.stopped":
      return { ...onStopped(history, event.outcome), notebookPhase: event.notebookPhase };
    case "session.recovered":
    case "session.renamed":
    case "journal.repaired":
    case "journal.accepted":
    case "listener.failed":
      return history;
  }
}

function assigned(
  { task, dive, light = false, plan }: Assignment,
  by = "samocode run",
): Pick<History, "task" | "dive" | "light" | "givenPlan" | "gates"> {
  return {
    task,
    dive,
    light,
    givenPlan: plan?.document,
    gates: plan === undefined ? {} : { [gateOpenedBy("approve")]: { by, ...plan } },
  };
}

function adoptedAs(adopted: Adoption): Partial<History> {
  const { phase, iterations, iterationsInVisit, qualityIterations, workplace } = adopted;
  const where = whereAdopted(phase);
  return {
    ...where,
    adopted: { phase, iterations },
    iterationsInVisit: where.phase === phase ? iterationsInVisit : 0,
    qualityIterations,
    workplace,
  };
}

/** Running a blocked session again allows the phase's iterations once more; an unfinished one counts as the first. */
function grantedAnew(history: History): number {
  return nextAttempt(history).attempt > 1 ? 1 : 0;
}

function onStopped(history: History, outcome: Outcome): History {
  const rested = answersSignal(outcome) ? { ...history, attempt: settled(history.attempt) } : history;
  const ungated = outcome.kind === "waiting" && outcome.gate === undefined && outcome.for !== "budget"
    ? outcome.for
    : undefined;
  return {
    ...rested,
    // A wait goes on after a crash, a reboot or Ctrl-C.
    ...(outcome.kind === "stopped" ? {} : NO_WAIT),
    running: false,
    doing: undefined,
    isInterrupted: outcome.kind === "stopped" && history.stopRequestedBy === undefined && isOfSystem(outcome.by),
    outcome,
    stopRequestedBy: undefined,
    budget: { ...history.budget, isFresh: false },
    pause: ungated === undefined ? rested.pause : { for: ungated, gate: undefined, wants: undefined },
  };
}

/** A shutdown sends SIGTERM, and a lost connection SIGHUP: neither is a decision, as Ctrl-C is. */
function isOfSystem(by: string): boolean {
  return /\(SIG(?:TERM|HUP)\)$/.test(by);
}

/**
 * Tells whether an outcome follows from the last attempt's signal. A stop request, a spent budget and a failure do not:
 * the next run decides on that signal.
 */
function answersSignal(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case "done":
      return true;
    case "waiting":
      return outcome.for !== "budget";
    case "blocked":
      return outcome.needs !== "budget";
    case "failed":
    case "stopped":
      return false;
  }
}
