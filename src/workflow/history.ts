/**
 * The history: what a session's events add up to. Nothing else is kept between runs.
 *
 * @module
 */
import type { Attempt, Doing, Outage, Rest } from "./attempt.ts";
import type { Amounts, Limits, Raise } from "./budget.ts";
import { type Evidence, NO_EVIDENCE } from "./evidence.ts";
import type { Gate, OpenedGates, WaitFor } from "./gates.ts";
import type { Fallback } from "./iteration_events.ts";
import { FIRST_PHASE, type Phase } from "./phases.ts";
import { NO_PROGRESS, type Progress } from "./progress.ts";
import type { Review } from "./review.ts";
import type { GuardRecord, Outcome } from "./run_events.ts";
import { NO_USAGE, type Usage } from "./usage.ts";
import type { Finish, Work, Workplace } from "./work.ts";

/** Why a session waits, and where it continues. */
export interface Pause {
  readonly for: WaitFor;
  /** The closed gate; `undefined` for a wait that no gate enforces. */
  readonly gate: Gate | undefined;
  /** The phase to enter once the gate is open; `undefined` if this phase has more to do first. */
  readonly wants: Phase | undefined;
}

/** Everything known about a session from its journal. */
export interface History {
  readonly lastSeq: number;
  readonly createdAt: string | undefined;
  readonly lastAt: string | undefined;
  readonly name: string;
  readonly task: string;
  readonly dive: string;
  /** In which phase samocode adopted a session that it did not start, and after how many iterations. */
  readonly adopted: { readonly phase: Phase; readonly iterations: number } | undefined;
  /** The wait with which an adopted session begins, if there is something to show; `undefined` once it was over. */
  readonly owed: Pause & { readonly gate: Gate } | undefined;
  /** How often a worker of a fleet has taken the session, as far as its events tell: the first one is not told. */
  readonly epoch: number;
  /** Whether it is a small change, of which nothing is asked. */
  readonly light: boolean;
  /** The file of the plan that the person gave with the task. */
  readonly givenPlan: string | undefined;
  /** How many tasks the session had before this one. */
  readonly earlierTasks: number;
  /** The commit at which this task began; `undefined` for the first one. */
  readonly taskCommit: string | undefined;
  readonly workplace: Workplace | undefined;
  readonly provider: string | undefined;
  /** What guarded the agents of the last run; `undefined` in the journals of older versions. */
  readonly guard: GuardRecord | undefined;
  /** Agent settings that the last run left out so far. */
  readonly leftOut: readonly string[];
  /** Whether the provider was named for the whole session. */
  readonly isProviderNamed: boolean;
  /** In the environment of what the last worker itself ran. */
  readonly workerMarker: string | undefined;
  readonly phase: Phase;
  readonly iterationsInVisit: number;
  /** How often each phase was entered in this run. */
  readonly entries: Readonly<Partial<Record<Phase, number>>>;
  readonly qualityIterations: number;
  readonly attempt: Attempt | undefined;
  /** Failed attempts of the current iteration. */
  readonly failures: number;
  /** Usage limits that the current iteration met. */
  readonly limits: number;
  /** The outage that the current iteration waits out. */
  readonly outage: Outage | undefined;
  /** The pause before the next attempt; `undefined` once that has begun, or if a human asked for a stop. */
  readonly rest: Rest | undefined;
  /** How often the current iteration was retried because of its signal. */
  readonly repairs: number;
  /** The provider that replaces another, and since when. */
  readonly fallback: Fallback & { readonly since: string } | undefined;
  /** Whether a fallback took over in the current iteration. */
  readonly relieved: boolean;
  readonly gates: OpenedGates;
  readonly pause: Pause | undefined;
  /** The document of the last gate, as it was shown. */
  readonly shown: {
    readonly document: string | undefined;
    readonly sha256: string | undefined;
    readonly openQuestions: number | undefined;
  } | undefined;
  /** SHA-256 of the questions with the latest recorded answers. */
  readonly answered: string | undefined;
  /** The unticked steps of the approved plan that a human left out. */
  readonly waived: readonly string[];
  /** Why the worker sent the session back to this phase. */
  readonly sentBack: string | undefined;
  /** Whether the session was in the phase that carries out the plan. */
  readonly hasBuilt: boolean;
  readonly review: Review | undefined;
  readonly evidence: Evidence;
  readonly progress: Progress;
  /** Notes from humans that no iteration has used yet. */
  readonly guidance: readonly string[];
  /** How many of those the current attempt was told. */
  readonly guidanceTold: number;
  readonly stopRequestedBy: string | undefined;
  /** Since when it waits for its turn, ISO 8601, and why; `undefined` if it does not. */
  readonly queued: { readonly since: string; readonly running: number; readonly most: number } | undefined;
  /** Whether the last run was ended by the system, as in a shutdown, and by nobody's decision. */
  readonly isInterrupted: boolean;
  /** How many workers died, or were ended by the system, in a row since an iteration last came to its signal. */
  readonly deaths: number;
  /** Whether a run started and has not recorded its end. */
  readonly running: boolean;
  /** When the last run started, ISO 8601. */
  readonly runStartedAt: string | undefined;
  /** What the run was last seen doing; `undefined` before the first and after each. */
  readonly doing: Doing | undefined;
  /** How the last run ended; `undefined` before that and during a run. */
  readonly outcome: Outcome | undefined;
  /** The phase that the last run left in the notebook: a different one there was written by a human. */
  readonly notebookPhase: Phase | undefined;
  /** How the previous run ended; `undefined` once an iteration has started. */
  readonly resumedAfter: Outcome | undefined;
  /** What the session had committed when it was done; `undefined` before that, and if nobody could count. */
  readonly work: Work | undefined;
  /** Where a person brought that work; `undefined` until then. */
  readonly finish: Finish | undefined;
  /** What is kept of work that is not committed. */
  readonly checkpoints: {
    readonly count: number;
    /** The tree of the last one that was made or restored. */
    readonly tree: string | undefined;
    /** Why none was made since; may be empty. */
    readonly problem: string;
    readonly last: { readonly ref: string; readonly files: number; readonly iteration: number } | undefined;
  };
  readonly usage: Usage;
  readonly workedMs: number;
  /** How many agents were started. */
  readonly starts: number;
  /** The day on which the last attempt began. */
  readonly today: string;
  /** What the attempts used that began on each day. */
  readonly spentOn: Readonly<Record<string, Amounts>>;
  readonly budget: {
    /** The limits of the last run; `undefined` in the journals of older versions. */
    readonly limits: Limits | undefined;
    /** The session's own limit on its cost, in US dollars; `undefined` if the settings' counts. */
    readonly maxCostUsd: number | undefined;
    readonly raised: readonly Raise[];
    /** The limits of which a warning was given. */
    readonly warned: readonly string[];
    /** Whether a person raised it since an agent was last started, or the session began to wait for that. */
    readonly isFresh: boolean;
  };
  /** What the agent was last seen doing. */
  readonly activity: string;
  /** The last things that it did and said, the newest at the end. */
  readonly lastActs: readonly string[];
}

/** The history of an empty journal. */
export const NO_HISTORY: History = {
  lastSeq: 0,
  createdAt: undefined,
  lastAt: undefined,
  name: "",
  task: "",
  dive: "",
  adopted: undefined,
  owed: undefined,
  epoch: 1,
  light: false,
  givenPlan: undefined,
  earlierTasks: 0,
  taskCommit: undefined,
  workplace: undefined,
  provider: undefined,
  guard: undefined,
  leftOut: [],
  isProviderNamed: false,
  workerMarker: undefined,
  phase: FIRST_PHASE,
  iterationsInVisit: 0,
  entries: {},
  qualityIterations: 0,
  attempt: undefined,
  failures: 0,
  limits: 0,
  outage: undefined,
  rest: undefined,
  repairs: 0,
  fallback: undefined,
  relieved: false,
  gates: {},
  pause: undefined,
  shown: undefined,
  answered: undefined,
  waived: [],
  sentBack: undefined,
  hasBuilt: false,
  review: undefined,
  evidence: NO_EVIDENCE,
  progress: NO_PROGRESS,
  guidance: [],
  guidanceTold: 0,
  stopRequestedBy: undefined,
  queued: undefined,
  isInterrupted: false,
  deaths: 0,
  running: false,
  runStartedAt: undefined,
  doing: undefined,
  outcome: undefined,
  notebookPhase: undefined,
  resumedAfter: undefined,
  work: undefined,
  finish: undefined,
  checkpoints: { count: 0, tree: undefined, problem: "", last: undefined },
  usage: NO_USAGE,
  workedMs: 0,
  starts: 0,
  today: "",
  spentOn: {},
  budget: { limits: undefined, maxCostUsd: undefined, raised: [], warned: [], isFresh: false },
  activity: "",
  lastActs: [],
};

/** Nothing is waited for before the next attempt. */
export const NO_WAIT = { limits: 0, outage: undefined, rest: undefined } as const;

/** The summary of a session that is done. */
export function summaryOf(history: History): string | undefined {
  const outcome = history.outcome ?? history.resumedAfter;
  return outcome?.kind === "done" ? outcome.summary : undefined;
}
