/**
 * The fold over the journal: what each event adds to a session's history.
 *
 * @module
 */
import { addAmounts, type Amounts, amountsOf, dayOf, keyOf, NOTHING_SPENT } from "./budget.ts";
import { whereAdopted } from "./adoption.ts";
import { countsAsFailure } from "./error_classes.ts";
import { type Doing, type History, nextAttempt } from "./history.ts";
import { foldEvidence } from "./evidence.ts";
import { type Gate, gateOpenedBy } from "./gates.ts";
import { commandLine } from "../text/command_words.ts";
import { FIRST_PHASE, type Phase, PHASE_NAMES, PHASES } from "./phases.ts";
import { NO_PROGRESS, noteAttempt, noteState } from "./progress.ts";
import type { Assignment, RecordedEvent } from "./session_event.ts";
import { addUsage, NO_USAGE } from "./usage.ts";
import type { Adoption } from "./work.ts";
import type { Outcome } from "./run_events.ts";
import type { SignalReading } from "./signal.ts";

const NO_WAIT = { limits: 0, outage: undefined, rest: undefined } as const;

/** Adds one event to a history. */
export function fold(before: History, event: RecordedEvent): History {
  const evidence = foldEvidence(before.evidence, event);
  const history: History = { ...before, lastSeq: event.seq, lastAt: event.at, evidence };
  switch (event.type) {
    case "session.created":
      return {
        ...history,
        ...assigned(event, event.by),
        createdAt: event.at,
        name: event.name,
        ...(event.adopted && adoptedAs(event.adopted)),
      };
    case "task.given":
      return {
        ...settled(history),
        ...assigned(event, event.by),
        earlierTasks: before.earlierTasks + 1,
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
        budget: { ...before.budget, limits: event.limits },
        leftOut: [],
        isProviderNamed: event.isProviderNamed === true,
        workerMarker: event.marker,
        entries: {},
        queued: undefined,
        isInterrupted: false,
        deaths: before.running || before.isInterrupted ? before.deaths + 1 : 0,
        running: true,
        runStartedAt: event.at,
        doing: { kind: "deciding", since: event.at },
        outcome: undefined,
        resumedAfter: before.outcome ?? before.resumedAfter,
        stopRequestedBy: undefined,
        failures: 0,
        repairs: 0,
        // If it is unknown when a provider is available, running the session again tries it.
        fallback: before.fallback?.until === undefined ? undefined : before.fallback,
        relieved: false,
        iterationsInVisit: before.outcome?.kind === "blocked" ? grantedAnew(before) : before.iterationsInVisit,
        // A human looked at it and went on. A worker that died was no human's decision.
        ...(!before.running && {
          progress: NO_PROGRESS,
          review: before.review && { ...before.review, isFresh: false },
        }),
        activity: "",
      };
    case "phase.entered":
      return {
        ...settled(history),
        owed: undefined,
        outcome: undefined,
        entries: { ...history.entries, [event.phase]: (history.entries[event.phase] ?? 0) + 1 },
        phase: event.phase,
        iterationsInVisit: 0,
        failures: 0,
        ...NO_WAIT,
        repairs: 0,
        pause: undefined,
        gates: gatesBefore(event.phase, history.gates),
        waived: event.by === "human" ? event.waived ?? [] : before.waived,
        sentBack: event.because,
        hasBuilt: before.hasBuilt || PHASES[event.phase].builds === true,
        resumedAfter: undefined,
      };
    case "iteration.started": {
      // Each provider has its own retries.
      const isFirst = event.attempt === 1 || event.provider !== before.attempt?.provider;
      return {
        ...history,
        owed: undefined,
        iterationsInVisit: before.iterationsInVisit + (event.attempt === 1 ? 1 : 0),
        starts: before.starts + 1,
        work: undefined,
        finish: undefined,
        ...spentOn(before, { day: dayOf(new Date(event.at)), more: { ...NOTHING_SPENT, starts: 1 } }),
        budget: { ...before.budget, isFresh: false },
        qualityIterations: before.qualityIterations + (event.attempt === 1 && PHASES[event.phase].isReview ? 1 : 0),
        failures: isFirst ? 0 : before.failures,
        ...(isFirst ? NO_WAIT : { rest: undefined }),
        relieved: event.attempt > 1 && before.relieved,
        repairs: event.attempt === 1 ? 0 : before.repairs,
        pause: undefined,
        resumedAfter: undefined,
        ...told(before, event.attempt),
        progress: event.found === undefined ? before.progress : noteState(before.progress, event.found),
        activity: "",
        doing: { kind: "starting", since: event.at },
        lastActs: [],
        attempt: {
          iteration: event.iteration,
          attempt: event.attempt,
          phase: event.phase,
          earlierTasks: before.earlierTasks,
          marker: event.marker,
          log: event.log,
          startedAt: event.at,
          seenAt: event.at,
          timeoutMs: event.timeoutMs,
          used: NO_USAGE,
          provider: event.provider,
          model: event.model,
          end: undefined,
          reading: undefined,
          decided: false,
        },
      };
    }
    case "agent.acted":
      return acted(seen(history, "acting"), `${event.tool} ${event.about}`.trim());
    case "agent.said":
      // What it says in between does not begin its thinking anew.
      return acted(before.doing?.kind === "thinking" ? history : seen(history, "thinking"), event.text);
    case "agent.used":
      return { ...history, attempt: history.attempt && { ...history.attempt, used: event.usage, seenAt: event.at } };
    case "agent.started":
    case "agent.resumed":
      return seen(history, "thinking");
    case "agent.retried":
      return seen(history, "retrying");
    case "iteration.ended": {
      const limits = before.limits + (event.end.kind === "rate-limited" ? 1 : 0);
      return {
        ...history,
        attempt: before.attempt && { ...before.attempt, end: event.end, used: NO_USAGE },
        failures: before.failures + (countsAsFailure(event.end, { at: new Date(event.at), limits }) ? 1 : 0),
        limits,
        outage: before.outage && { ...before.outage, spentMs: before.outage.spentMs + event.durationMs },
        usage: addUsage(before.usage, event.usage),
        workedMs: before.workedMs + event.durationMs,
        ...spentOn(before, { day: before.today, more: amountsOf(event.usage, { time: event.durationMs }) }),
        progress: event.left === undefined
          ? before.progress
          : noteAttempt(before.progress, { ...event, left: event.left, failed: event.failed ?? [] }),
        activity: "",
        doing: { kind: "deciding", since: event.at },
      };
    }
    case "signal.received":
      return {
        ...history,
        deaths: 0,
        attempt: before.attempt && { ...before.attempt, reading: { kind: "signal", signal: event.signal } },
      };
    case "signal.refused":
      return { ...history, attempt: before.attempt && { ...before.attempt, reading: refused(event.problem) } };
    case "checkpoint.made":
      return { ...history, checkpoints: kept(before.checkpoints, event) };
    case "checkpoint.failed":
      return { ...history, checkpoints: { ...before.checkpoints, problem: event.detail } };
    case "checkpoint.restored":
      return { ...history, checkpoints: { ...before.checkpoints, tree: event.tree } };
    case "iteration.retried":
      return {
        ...history,
        // The attempt has no usable signal, whatever was read: its iteration is retried.
        attempt: before.attempt && {
          ...before.attempt,
          // Where only the signal was wrong, how the process ended does not matter any more.
          end: event.repair ? { kind: "finished" } : before.attempt.end,
          reading: refused(event.because),
          decided: true,
        },
        repairs: before.repairs + (event.repair ? 1 : 0),
        outage: event.fallback === undefined ? outageAfter(before.outage, event) : undefined,
        rest: {
          endsAtMs: Date.parse(event.at) + event.delayMs,
          delayMs: event.delayMs,
          because: event.because,
          wait: event.wait,
        },
        ...(event.fallback && { fallback: { ...event.fallback, since: event.at }, relieved: true }),
      };
    case "budget.warned":
      return {
        ...history,
        budget: { ...before.budget, warned: [...before.budget.warned, keyOf(event, event.day)] },
      };
    case "budget.raised":
      return {
        ...history,
        budget: { ...before.budget, raised: [...before.budget.raised, ...event.raised], isFresh: true },
      };
    case "gate.reached":
      return {
        ...settled(history),
        owed: undefined,
        pause: { for: event.gate, gate: event.gate, wants: event.wants },
        shown: { document: event.document, sha256: event.sha256, openQuestions: event.openQuestions },
        gates: without(history.gates, event.gate),
      };
    case "gate.opened": {
      const { by, document, sha256 } = event;
      return { ...history, waived: [], gates: { ...history.gates, [event.gate]: { by, document, sha256 } } };
    }
    case "plan.rejected":
      return {
        ...history,
        waived: [],
        gates: without(history.gates, gateOpenedBy("approve")),
        pause: undefined,
        guidance: [...before.guidance, event.feedback],
      };
    case "review.ended": {
      const { report, verdict, findings } = event;
      const others = (before.review?.rounds ?? []).filter((name) => name !== report);
      const rounds = verdict === undefined ? others : [...others, report];
      return { ...history, review: { report, verdict, findings, rounds, isFresh: true } };
    }
    case "check.started": {
      const { command, number, of } = event;
      const activity = `Check ${number} of ${of}: ${commandLine(command)}`;
      return { ...history, activity, doing: { kind: "checking", since: event.at } };
    }
    case "check.ended":
      return { ...history, activity: "", doing: { kind: "deciding", since: event.at } };
    case "baseline.accepted":
      return { ...history, pause: undefined };
    case "progress.missed":
      return { ...history, progress: { ...before.progress, told: event.starts } };
    case "guidance.given":
      return { ...history, guidance: [...before.guidance, event.text] };
    case "stop.requested":
      // A human who stops a wait and runs the session again means: now.
      return { ...history, ...NO_WAIT, queued: undefined, stopRequestedBy: event.by };
    case "work.counted": {
      const { type: _type, seq: _seq, at: _at, ...work } = event;
      return { ...history, work };
    }
    case "session.finished": {
      const { type: _type, seq: _seq, at: _at, ...finish } = event;
      return { ...history, finish };
    }
    case "workplace.removed":
      return { ...history, workplace: undefined };
    case "session.stopped":
      return { ...onStopped(history, event.outcome), notebookPhase: event.notebookPhase };
    case "settings.left_out":
      return { ...history, leftOut: [...history.leftOut, ...event.paths] };
    case "session.recovered":
    case "session.renamed":
    case "journal.repaired":
    case "journal.accepted":
    case "agent.denied":
    case "agent.limited":
    case "agent.model_changed":
    case "processes.ended":
    case "log.cut":
    case "hosts.refused":
    case "locks.found":
    case "answers.given":
    case "listener.failed":
      return history;
  }
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

/** Its time is added up from what attempts and pauses take: a wall clock is set, and runs while the machine is off. */
function outageAfter(
  before: History["outage"],
  { wait, delayMs }: Extract<RecordedEvent, { type: "iteration.retried" }>,
): History["outage"] {
  if (wait?.for !== "outage") return before;
  // A run that goes on with a pause records it again.
  const isSame = before?.since === wait.since && before.tries === wait.tries;
  return { ...wait, spentMs: (before?.spentMs ?? 0) + (isSame ? 0 : delayMs) };
}

function onStopped(history: History, outcome: Outcome): History {
  const rested = answersSignal(outcome) ? settled(history) : history;
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

/** Running a blocked session again allows the phase's iterations once more; an unfinished one counts as the first. */
function grantedAnew(history: History): number {
  return nextAttempt(history).attempt > 1 ? 1 : 0;
}

/** A new iteration gets new guidance; another attempt gets the same again. */
function told(history: History, attempt: number): Pick<History, "guidance" | "guidanceTold"> {
  const guidance = attempt === 1 ? history.guidance.slice(history.guidanceTold) : history.guidance;
  return { guidance, guidanceTold: guidance.length };
}

/** What an agent does from the last event on. */
function seen(history: History, kind: Doing["kind"]): History {
  const { attempt, lastAt: since = "" } = history;
  return { ...history, doing: { kind, since }, attempt: attempt && { ...attempt, seenAt: since } };
}

/** How many of an agent's last acts the next one is told. */
export const KEPT_ACTS = 12;

/** Into the new history itself: of these events there are most, and each copy of it is garbage. */
function acted(fresh: History, activity: string): History {
  return Object.assign(fresh, { activity, lastActs: [...fresh.lastActs.slice(1 - KEPT_ACTS), activity] });
}

function kept(
  { count }: History["checkpoints"],
  { ref, files, iteration, tree }: Extract<RecordedEvent, { type: "checkpoint.made" }>,
): History["checkpoints"] {
  return { count: count + 1, tree, problem: "", last: { ref, files, iteration } };
}

/** An attempt counts for the day on which it began, however long it lasts. A clock that is set back leads to an old day. */
function spentOn(
  { spentOn: before }: History,
  { day, more }: { readonly day: string; readonly more: Amounts },
): Pick<History, "today" | "spentOn"> {
  return { today: day, spentOn: { ...before, [day]: addAmounts(before[day] ?? NOTHING_SPENT, more) } };
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

function settled(history: History): History {
  return { ...history, attempt: history.attempt && { ...history.attempt, decided: true } };
}

/** The event has it in words that begin with the file's name, and so will whoever tells of the reading. */
function refused(text: string): SignalReading {
  const problem = text.replace(/^_signal\.json /, "");
  return problem === "was not written" ? { kind: "missing" } : { kind: "malformed", problem };
}

/** What comes from a phase has not been asked for yet: a session that goes back comes through the gates again. */
function gatesBefore(phase: Phase, gates: History["gates"]): History["gates"] {
  const behind = PHASE_NAMES.slice(0, PHASE_NAMES.indexOf(phase)).map((name) => PHASES[name].gate);
  return Object.fromEntries(Object.entries(gates).filter(([name]) => behind.some((gate) => gate === name)));
}

function without(gates: History["gates"], gate: Gate): History["gates"] {
  return Object.fromEntries(Object.entries(gates).filter(([name]) => name !== gate));
}
