/**
 * Every state, end and reading that a decision may have to be made from, and a way to hold a law against all of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { decide } from "../../src/workflow/decide.ts";
import type { Decision, LoopEvent, LoopState } from "../../src/workflow/decision.ts";
import type { Pause } from "../../src/workflow/history.ts";
import type { CrashCause, IterationEnd } from "../../src/workflow/iteration_end.ts";
import { PHASE_NAMES, PHASES, type SignalStatus } from "../../src/workflow/phases.ts";
import { ALONE, type Team } from "../../src/workflow/retry.ts";
import { NO_EVIDENCE } from "../../src/workflow/evidence.ts";
import type { AgentWait } from "../../src/workflow/gates.ts";
import type { Need, Signal } from "../../src/workflow/iteration_events.ts";
import type { SignalReading } from "../../src/workflow/signal.ts";

/** One question for {@linkcode decide}. */
export interface DecisionCase {
  readonly state: LoopState;
  readonly event: LoopEvent;
}

/** When all cases happen. */
export const NOW = new Date("2026-11-20T12:00:00.000Z");

/** A plan, as it stands. */
export const PLAN = { name: "plan.md", sha256: "aa" };

/** Investigation, where nothing is special. */
export const CALM: LoopState = {
  session: "top",
  phase: "investigation",
  light: false,
  iterationsInVisit: 1,
  gateOpen: true,
  isClosedAgain: false,
  brokenGate: undefined,
  questions: 0,
  openQuestions: 0,
  plan: undefined,
  pause: undefined,
  owed: undefined,
  adopted: undefined,
  repairs: 0,
  failures: 0,
  limits: 0,
  outage: undefined,
  rest: undefined,
  random: 0,
  summary: undefined,
  stopRequestedBy: undefined,
  overBudget: undefined,
  hasNewBudget: false,
  openSteps: [],
  review: { report: "quality-1.md", verdict: "clean", findings: [], rounds: ["quality-1.md"], isFresh: true },
  missing: [],
  evidence: NO_EVIDENCE,
  tree: "",
  stall: undefined,
  entries: {},
  policy: { maxRetries: 3, retryDelayMs: 5_000, outagePatienceMs: 21_600_000, maxLimitWaitMs: 43_200_000 },
  team: ALONE,
  now: NOW,
};

/** Nobody to take over; somebody; and somebody who did, with the first back soon, late or nobody knows when. */
export const TEAMS: readonly Team[] = [
  ALONE,
  { worker: "claude", substitute: "codex", backAt: undefined },
  ...[undefined, "2026-11-20T12:10:00Z", "2026-11-27T12:00:00Z"].map((backAt) => ({
    worker: "codex",
    substitute: undefined,
    backAt: backAt === undefined ? undefined : new Date(backAt),
  })),
];

const BOTH = [true, false] as const;

/** Every phase × limit × gate × questions × plan × repairs × wish to stop × budget, at rest nowhere. */
export const STATES: readonly LoopState[] = PHASE_NAMES.flatMap((phase) =>
  BOTH.flatMap((atLimit) =>
    BOTH.flatMap((gateOpen) =>
      [0, 1].flatMap((openQuestions) =>
        [PLAN, undefined].flatMap((plan) =>
          [0, 1].flatMap((repairs) =>
            [undefined, "ada"].flatMap((stopRequestedBy) =>
              [undefined, "$5.00 of $5.00"].map((overBudget) =>
                Object.freeze({
                  ...CALM,
                  phase,
                  iterationsInVisit: Math.max(0, PHASES[phase].maxIterations - (atLimit ? 0 : 1)),
                  gateOpen,
                  openQuestions,
                  plan,
                  repairs,
                  failures: repairs,
                  stopRequestedBy,
                  overBudget,
                })
              )
            )
          )
        )
      )
    )
  )
);

const WAITS: Readonly<Record<AgentWait, AgentWait>> = {
  qa_answers: "qa_answers",
  plan_approval: "plan_approval",
  file_update: "file_update",
  human_action: "human_action",
};

/** Every rest: at each gate on the way to each phase or none, and for each thing that no gate enforces. */
export const PAUSES: readonly Pause[] = [
  ...(["qa_answers", "plan_approval"] as const).flatMap((gate) =>
    [undefined, ...PHASE_NAMES].map((wants) => ({ for: gate, gate, wants }))
  ),
  ...Object.values(WAITS).map((waitFor) => ({ for: waitFor, gate: undefined, wants: undefined })),
];

/** Every cause of a crash. */
export const CRASHES: Readonly<Record<CrashCause, IterationEnd>> = {
  auth: crashed("auth"),
  billing: crashed("billing"),
  request: crashed("request"),
  service: crashed("service"),
  network: crashed("network"),
  turns: crashed("turns"),
  setup: crashed("setup"),
  interrupted: crashed("interrupted"),
  unknown: crashed("unknown"),
};

const ENDS_BY_KIND: Readonly<Record<IterationEnd["kind"], readonly IterationEnd[]>> = {
  "finished": [{ kind: "finished" }],
  "timed-out": [{ kind: "timed-out", afterMs: 1_800_000 }],
  "stalled": [{ kind: "stalled", silentMs: 600_000 }],
  "crashed": Object.values(CRASHES),
  "not-found": [{ kind: "not-found", binary: "claude" }],
  "rate-limited": [
    { kind: "rate-limited", until: undefined, detail: "full" },
    { kind: "rate-limited", until: "2026-11-20T12:30:00Z", detail: "full" },
    { kind: "rate-limited", until: "2026-11-20T11:30:00Z", detail: "full" },
    { kind: "rate-limited", until: "2026-11-27T12:00:00Z", detail: "full" },
  ],
  "aborted": [{ kind: "aborted", by: "SIGINT" }],
  "over-budget": [{ kind: "over-budget", detail: "$5.00 of $5.00" }],
};

/** Every end. */
export const ENDS: readonly IterationEnd[] = Object.values(ENDS_BY_KIND).flat();

const NEEDS: Readonly<Record<Need, Need>> = {
  human_decision: "human_decision",
  clarification: "clarification",
  error_resolution: "error_resolution",
  investigation: "investigation",
};

const SIGNALS_BY_STATUS: Readonly<Record<SignalStatus, readonly Signal[]>> = {
  continue: [undefined, ...PHASE_NAMES].map((phase) => ({ status: "continue", phase })),
  waiting: Object.values(WAITS).flatMap((waitFor) =>
    [undefined, ...PHASE_NAMES].map((phase) => ({ status: "waiting", for: waitFor, phase } as const))
  ),
  blocked: Object.values(NEEDS).flatMap((needs) =>
    [undefined, ...PHASE_NAMES].map((phase) => ({ status: "blocked", reason: "No key", needs, phase } as const))
  ),
  done: [undefined, ...PHASE_NAMES].map((phase) => ({ status: "done", summary: "All is well", phase })),
};

/** Every signal, with each phase in it or none. */
export const SIGNALS: readonly Signal[] = Object.values(SIGNALS_BY_STATUS).flat();

/** What is found where no usable signal is. */
export const NO_SIGNALS: readonly Exclude<SignalReading, { kind: "signal" }>[] = [
  { kind: "missing" },
  { kind: "malformed", problem: "is empty" },
];

/** Attempts that ended so, in each state. */
export function* ended(
  { states = STATES, ends = ENDS, readings }: {
    readonly states?: readonly LoopState[];
    readonly ends?: readonly IterationEnd[];
    readonly readings: readonly SignalReading[];
  },
): Generator<DecisionCase> {
  for (const state of states) {
    for (const end of ends) for (const reading of readings) yield { state, event: { kind: "ended", end, reading } };
  }
}

/** Attempts that left a signal, in each state. */
export function signaled(
  { states, ends, signals = SIGNALS }: {
    readonly states?: readonly LoopState[];
    readonly ends?: readonly IterationEnd[];
    readonly signals?: readonly Signal[];
  } = {},
): Generator<DecisionCase> {
  const readings = signals.map((signal) => ({ kind: "signal", signal } as const));
  return ended({ ...(states && { states }), ...(ends && { ends }), readings });
}

/** A worker that began, in each state and from each rest. */
export function* started(states: readonly LoopState[] = STATES): Generator<DecisionCase> {
  for (const state of states) {
    for (const pause of [undefined, ...PAUSES]) {
      for (const summary of [undefined, "All is well"]) {
        yield { state: { ...state, pause, summary }, event: { kind: "started" } };
      }
    }
  }
}

/**
 * All cases that there are, except signals with a phase that does not count: that it does not is a law of its own.
 */
export function* everyCase(): Generator<DecisionCase> {
  yield* started();
  yield* signaled({ signals: SIGNALS.filter(({ status, phase }) => status === "continue" || phase === undefined) });
  for (const team of TEAMS) yield* ended({ states: STATES.map((state) => ({ ...state, team })), readings: NO_SIGNALS });
}

/** Holds a law against each case. Fails with the first that breaks it, and where there was no case at all. */
export function holds(
  cases: Iterable<DecisionCase>,
  law: (decision: Decision, state: LoopState, event: LoopEvent) => boolean,
): void {
  let count = 0;
  for (const { state, event } of cases) {
    count++;
    const decision = decide(state, event);
    if (!law(decision, state, event)) {
      assert.fail(`Case ${count} breaks the law:\n${JSON.stringify({ state, event, decision }, undefined, 2)}`);
    }
  }
  assert.ok(count > 0, "no case to hold the law against");
}

/** Tells whether two decisions are the same. */
export function same(a: Decision, b: Decision): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function crashed(cause: CrashCause): IterationEnd {
  return { kind: "crashed", cause, detail: "why", exitCode: 1 };
}
