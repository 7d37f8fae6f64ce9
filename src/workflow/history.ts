/**
 * The history: what a session's events add up to. A fold over the journal; nothing else is remembered between runs.
 *
 * @module
 */
import type { Pause } from "./decide.ts";
import type { IterationEnd } from "./iteration_end.ts";
import { type Gate, type Phase, PHASES } from "./phase.ts";
import { countsAsFailure } from "./retry.ts";
import { addUsage, NO_USAGE, type Outcome, type RecordedEvent, type Usage, type Workplace } from "./session_event.ts";
import type { SignalReading } from "./signal.ts";

/** The attempt that was begun last. */
export interface Attempt {
  readonly iteration: number;
  readonly attempt: number;
  readonly phase: Phase;
  /** Stands in the environment of every process of the attempt. */
  readonly marker: string;
  readonly log: string;
  readonly startedAt: string;
  /** How it ended; `undefined` while it runs, or where the worker died. */
  readonly end: IterationEnd | undefined;
  /** What was found as its signal; `undefined` until somebody looked. */
  readonly reading: SignalReading | undefined;
  /** Whether what followed from it is settled. */
  readonly decided: boolean;
}

/** A gate that a human opened, and what they saw when they did. */
export interface OpenedGate {
  readonly by: string;
  readonly document: string | undefined;
  readonly sha256: string | undefined;
}

/** Whatever can be known about a session from its journal. */
export interface History {
  readonly lastSeq: number;
  readonly createdAt: string | undefined;
  readonly lastAt: string | undefined;
  readonly name: string;
  readonly task: string;
  readonly dive: string;
  readonly workplace: Workplace | undefined;
  readonly provider: string | undefined;
  readonly phase: Phase;
  readonly iterationsInStay: number;
  /** How often each phase was entered since a human last let the session run. */
  readonly entries: Readonly<Partial<Record<Phase, number>>>;
  readonly qualityIterations: number;
  readonly attempt: Attempt | undefined;
  /** Failed attempts of the iteration under way. */
  readonly failures: number;
  /** How often the iteration under way was tried again because of its signal. */
  readonly repairs: number;
  readonly gates: Readonly<Partial<Record<Gate, OpenedGate>>>;
  readonly pause: Pause | undefined;
  /** What the document of the last gate looked like when the session paused there. */
  readonly shown: { readonly document: string | undefined; readonly sha256: string | undefined } | undefined;
  /** What humans said that no iteration has worked in yet. */
  readonly guidance: readonly string[];
  /** How many of those the attempt under way was told. */
  readonly guidanceTold: number;
  readonly stopRequestedBy: string | undefined;
  /** Whether a worker began and has not said that it stopped. */
  readonly running: boolean;
  /** How the last run ended; `undefined` before the first end and while one is running. */
  readonly outcome: Outcome | undefined;
  /** The phase that the last run left in the notebook: another one there now is a human's word. */
  readonly notebookPhase: Phase | undefined;
  /** How the run before the present one ended; `undefined` once an iteration has begun. */
  readonly resumedAfter: Outcome | undefined;
  readonly usage: Usage;
  readonly workedMs: number;
  /** What the agent was last seen doing. */
  readonly activity: string;
}

/** A session of which nothing is known yet. */
export const NO_HISTORY: History = {
  lastSeq: 0,
  createdAt: undefined,
  lastAt: undefined,
  name: "",
  task: "",
  dive: "",
  workplace: undefined,
  provider: undefined,
  phase: "init",
  iterationsInStay: 0,
  entries: {},
  qualityIterations: 0,
  attempt: undefined,
  failures: 0,
  repairs: 0,
  gates: {},
  pause: undefined,
  shown: undefined,
  guidance: [],
  guidanceTold: 0,
  stopRequestedBy: undefined,
  running: false,
  outcome: undefined,
  notebookPhase: undefined,
  resumedAfter: undefined,
  usage: NO_USAGE,
  workedMs: 0,
  activity: "",
};

/** Adds one event to a history. */
export function fold(before: History, event: RecordedEvent): History {
  const history: History = { ...before, lastSeq: event.seq, lastAt: event.at };
  switch (event.type) {
    case "session.created":
      return { ...history, createdAt: event.at, name: event.name, task: event.task, dive: event.dive };
    case "session.prepared":
      return { ...history, workplace: event.workplace };
    case "session.started":
      return {
        ...history,
        provider: event.provider,
        entries: {},
        running: true,
        outcome: undefined,
        resumedAfter: before.outcome ?? before.resumedAfter,
        stopRequestedBy: undefined,
        failures: 0,
        repairs: 0,
        iterationsInStay: before.outcome?.kind === "blocked" ? grantedAnew(before) : before.iterationsInStay,
        activity: "",
      };
    case "phase.entered":
      return {
        ...settled(history),
        entries: { ...history.entries, [event.phase]: (history.entries[event.phase] ?? 0) + 1 },
        phase: event.phase,
        iterationsInStay: 0,
        failures: 0,
        repairs: 0,
        pause: undefined,
        gates: without(history.gates, PHASES[event.phase].gate),
        resumedAfter: undefined,
      };
    case "iteration.started":
      return {
        ...history,
        iterationsInStay: before.iterationsInStay + (event.attempt === 1 ? 1 : 0),
        qualityIterations: before.qualityIterations + (event.attempt === 1 && event.phase === "quality" ? 1 : 0),
        failures: event.attempt === 1 ? 0 : before.failures,
        repairs: event.attempt === 1 ? 0 : before.repairs,
        pause: undefined,
        resumedAfter: undefined,
        ...told(before, event.attempt),
        activity: "",
        attempt: {
          iteration: event.iteration,
          attempt: event.attempt,
          phase: event.phase,
          marker: event.marker,
          log: event.log,
          startedAt: event.at,
          end: undefined,
          reading: undefined,
          decided: false,
        },
      };
    case "agent.acted":
      return { ...history, activity: `${event.tool} ${event.about}`.trim() };
    case "agent.said":
      return { ...history, activity: event.text };
    case "iteration.ended":
      return {
        ...history,
        attempt: before.attempt && { ...before.attempt, end: event.end },
        failures: before.failures + (countsAsFailure(event.end, new Date(event.at)) ? 1 : 0),
        usage: addUsage(before.usage, event.usage),
        workedMs: before.workedMs + event.durationMs,
        activity: "",
      };
    case "signal.received":
      return {
        ...history,
        attempt: before.attempt && { ...before.attempt, reading: { kind: "signal", signal: event.signal } },
      };
    case "signal.refused":
      return { ...history, attempt: before.attempt && { ...before.attempt, reading: refused(event.problem) } };
    case "iteration.retried":
      return {
        ...history,
        // The attempt has no usable signal after all: its iteration is tried again.
        attempt: before.attempt && { ...before.attempt, reading: refused(event.because), decided: true },
        repairs: before.repairs + (event.repair ? 1 : 0),
      };
    case "gate.reached":
      return {
        ...settled(history),
        pause: { for: event.gate, gate: event.gate, wants: event.wants },
        shown: { document: event.document, sha256: event.sha256 },
        gates: without(history.gates, event.gate),
      };
    case "gate.opened": {
      const { by, document, sha256 } = event;
      return { ...history, gates: { ...history.gates, [event.gate]: { by, document, sha256 } } };
    }
    case "plan.rejected":
      return {
        ...history,
        gates: without(history.gates, "plan_approval"),
        pause: undefined,
        guidance: [...before.guidance, event.feedback],
      };
    case "guidance.given":
      return { ...history, guidance: [...before.guidance, event.text] };
    case "stop.requested":
      return { ...history, stopRequestedBy: event.by };
    case "session.stopped":
      return { ...onStopped(history, event.outcome), notebookPhase: event.notebookPhase };
    case "session.recovered":
    case "journal.repaired":
    case "agent.started":
    case "agent.denied":
    case "agent.retried":
    case "agent.limited":
    case "agent.model_changed":
    case "processes.ended":
    case "answers.given":
    case "listener.failed":
      return history;
  }
}

/** The number and attempt of the iteration that comes next. */
export function nextAttempt(history: History): { readonly iteration: number; readonly attempt: number } {
  const { attempt } = history;
  if (attempt === undefined) return { iteration: 1, attempt: 1 };
  const complete = attempt.reading?.kind === "signal" || attempt.phase !== history.phase;
  if (complete) return { iteration: attempt.iteration + 1, attempt: 1 };
  return { iteration: attempt.iteration, attempt: attempt.attempt + 1 };
}

/** The summary of a session that is done. */
export function summaryOf(history: History): string | undefined {
  const outcome = history.outcome ?? history.resumedAfter;
  return outcome?.kind === "done" ? outcome.summary : undefined;
}

function onStopped(history: History, outcome: Outcome): History {
  const rested = answersSignal(outcome) ? settled(history) : history;
  const ungated = outcome.kind === "waiting" && outcome.gate === undefined;
  return {
    ...rested,
    running: false,
    outcome,
    stopRequestedBy: undefined,
    pause: ungated ? { for: outcome.for, gate: undefined, wants: undefined } : rested.pause,
  };
}

/**
 * A wish to stop, an empty purse and a failure of the program come from outside: they leave open what the last
 * attempt's signal leads to, and the next run settles it.
 */
function answersSignal(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case "done":
    case "waiting":
      return true;
    case "blocked":
      return outcome.needs !== "budget";
    case "failed":
    case "stopped":
      return false;
  }
}

/** A human who runs a blocked session again grants it the phase's iterations once more; one under way is the first. */
function grantedAnew(history: History): number {
  return nextAttempt(history).attempt > 1 ? 1 : 0;
}

/** A new iteration is told what is new; another attempt is told the same once more. */
function told(history: History, attempt: number): Pick<History, "guidance" | "guidanceTold"> {
  const guidance = attempt === 1 ? history.guidance.slice(history.guidanceTold) : history.guidance;
  return { guidance, guidanceTold: guidance.length };
}

function settled(history: History): History {
  return { ...history, attempt: history.attempt && { ...history.attempt, decided: true } };
}

function refused(problem: string): SignalReading {
  return { kind: "malformed", problem };
}

function without(gates: History["gates"], gate: Gate | undefined): History["gates"] {
  if (gate === undefined) return gates;
  return Object.fromEntries(Object.entries(gates).filter(([name]) => name !== gate));
}
