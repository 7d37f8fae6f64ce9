/**
 * The history: what a session's events add up to. Nothing else is remembered between runs.
 *
 * @module
 */
import type { IterationEnd } from "./iteration_end.ts";
import type { Gate, OpenedGate, WaitFor } from "./gates.ts";
import { FIRST_PHASE, type Phase } from "./phases.ts";
import { type Fallback, NO_USAGE, type Outcome, type Usage, type Workplace } from "./session_event.ts";
import type { SignalReading } from "./signal.ts";

/** Why a session rests, and where it goes when it may go on. */
export interface Pause {
  readonly for: WaitFor;
  /** The gate that is shut; `undefined` for a wait that no gate enforces. */
  readonly gate: Gate | undefined;
  /** Where the session goes once the gate is open; `undefined` where the phase has more to do first. */
  readonly wants: Phase | undefined;
}

/** The attempt that was begun last. */
export interface Attempt {
  readonly iteration: number;
  readonly attempt: number;
  readonly phase: Phase;
  /** Stands in the environment of every process of the attempt. */
  readonly marker: string;
  readonly log: string;
  readonly startedAt: string;
  /** Who worked, and the model that was asked for; `undefined` where that is not known. */
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** How it ended; `undefined` while it runs, or where the worker died. */
  readonly end: IterationEnd | undefined;
  /** What was found as its signal; `undefined` until somebody looked. */
  readonly reading: SignalReading | undefined;
  /** Whether what followed from it is settled. */
  readonly decided: boolean;
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
  /** Whether the provider was named for the whole session. */
  readonly isProviderNamed: boolean;
  /** Stands in the environment of what the last worker itself ran. */
  readonly workerMarker: string | undefined;
  readonly phase: Phase;
  readonly iterationsInVisit: number;
  /** How often each phase was entered since a human last let the session run. */
  readonly entries: Readonly<Partial<Record<Phase, number>>>;
  readonly qualityIterations: number;
  readonly attempt: Attempt | undefined;
  /** Failed attempts of the iteration under way. */
  readonly failures: number;
  /** How often the iteration under way was tried again because of its signal. */
  readonly repairs: number;
  /** The provider that works in the place of another, and since when. */
  readonly fallback: Fallback & { readonly since: string } | undefined;
  /** Whether another provider took over in the iteration under way. */
  readonly relieved: boolean;
  readonly gates: Readonly<Partial<Record<Gate, OpenedGate>>>;
  readonly pause: Pause | undefined;
  /** What the document of the last gate looked like when the session paused there. */
  readonly shown: {
    readonly document: string | undefined;
    readonly sha256: string | undefined;
    readonly openQuestions: number | undefined;
  } | undefined;
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
  isProviderNamed: false,
  workerMarker: undefined,
  phase: FIRST_PHASE,
  iterationsInVisit: 0,
  entries: {},
  qualityIterations: 0,
  attempt: undefined,
  failures: 0,
  repairs: 0,
  fallback: undefined,
  relieved: false,
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
