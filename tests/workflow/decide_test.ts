import assert from "node:assert/strict";
import { decide } from "../../src/workflow/decide.ts";
import type { Decision, LoopEvent, LoopState } from "../../src/workflow/decision.ts";
import type { Gate } from "../../src/workflow/gates.ts";
import { nextPhases, type Phase, PHASES } from "../../src/workflow/phases.ts";
import type { Signal } from "../../src/workflow/iteration_events.ts";
import {
  CALM,
  CRASHES,
  ended,
  ENDS,
  everyCase,
  holds,
  NO_SIGNALS,
  PLAN,
  same,
  signaled,
  SIGNALS,
  started,
  STATES,
} from "./decision_cases.ts";

/** States in which nobody wants a stop and there is money left. */
const FREE = STATES.filter((state) => state.stopRequestedBy === undefined && state.overBudget === undefined);

const DETAILS = {
  qa_answers: "The agent's questions need your answers",
  plan_approval: "The plan needs your approval",
  file_update: "The agent is waiting for you to update a file",
  human_action: "The agent is waiting for you to act",
} as const;

const NOTHING_OPEN = "No question is open: look at the answers in _qa.md, then go on";

const NOT_ABORTED = ENDS.filter(({ kind }) => kind !== "aborted");

const LEGAL = (signal: Signal, { phase }: LoopState): boolean => PHASES[phase].maySignal.includes(signal.status);

Deno.test("decide() enters only a phase that may follow", () => {
  holds(everyCase(), (decision, { phase }) => {
    return decision.kind !== "enter" || PHASES[phase].next.includes(decision.phase);
  });
});

Deno.test("decide() lets a light session go its own way, and through no closed gate", () => {
  const light = STATES.map((state) => ({ ...state, light: true }));
  holds(signaled({ states: light }), (decision, { phase, gateOpen }) => {
    if (decision.kind !== "enter") return true;
    const isWay = nextPhases(phase, { light: true }).includes(decision.phase);
    return isWay && (PHASES[phase].gate === undefined || gateOpen);
  });
  const asks = (phase: Phase) =>
    signaled({ states: [{ ...CALM, light: true }], signals: [{ status: "continue", phase }] });
  for (const phase of ["requirements", "planning"] as const) {
    const left = [...asks(phase)].filter(({ event }) => event.kind === "ended" && event.end.kind === "finished");
    holds(left, (decision) => same(decision, { kind: "enter", phase: "planning" }));
  }
  const elsewhere = light.filter(({ phase }) => PHASES[phase].lightNext === undefined);
  holds(signaled({ states: elsewhere }), (decision, state, event) => {
    return same(decision, decide({ ...state, light: false }, event));
  });
});

Deno.test("decide() leaves no phase whose gate is closed", () => {
  holds(everyCase(), (decision, { phase, gateOpen }) => {
    return decision.kind !== "enter" || PHASES[phase].gate === undefined || gateOpen;
  });
});

Deno.test("decide() spends nothing after a stop request, an aborted attempt or a spent budget", () => {
  holds(everyCase(), (decision, { stopRequestedBy, overBudget }, event) => {
    const aborted = event.kind === "ended" && event.end.kind === "aborted";
    return !spends(decision) || (stopRequestedBy === undefined && overBudget === undefined && !aborted);
  });
});

Deno.test("decide() lets a stop request and a spent budget replace only decisions that cost", () => {
  holds(everyCase(), (decision, state, event) => {
    const free = decide({ ...state, stopRequestedBy: undefined, overBudget: undefined }, event);
    if (!spends(free)) return same(decision, free);
    if (decision.kind !== "stop") return same(decision, free);
    const { outcome } = decision;
    if (state.stopRequestedBy !== undefined) return outcome.kind === "stopped" && outcome.by === "ada";
    return outcome.kind === "waiting" && outcome.for === "budget";
  });
});

Deno.test("decide() pauses at the phase's own gate or at none, and always says why", () => {
  const fresh = [...signaled(), ...ended({ readings: NO_SIGNALS })];
  holds(fresh, (decision, { phase }) => {
    if (decision.kind !== "pause") return true;
    const { pause: { gate, wants }, detail } = decision;
    const leads = wants === undefined || (gate !== undefined && PHASES[phase].next.includes(wants));
    return detail !== "" && (gate === undefined || gate === PHASES[phase].gate) && leads;
  });
  holds(everyCase(), (decision) => {
    if (decision.kind !== "stop") return true;
    const { outcome } = decision;
    return (outcome.kind !== "blocked" && outcome.kind !== "failed") || outcome.reason !== "";
  });
});

Deno.test("decide() is pure: it changes no input and decides the same twice", () => {
  const seen = structuredClone(CALM);
  const event: LoopEvent = { kind: "ended", end: { kind: "aborted", by: "SIGINT" }, reading: { kind: "missing" } };
  assert.deepEqual(decide(CALM, event), decide(CALM, event));
  assert.deepEqual(CALM, seen);
});

Deno.test("decide() on a start: a session that is done stays done", () => {
  holds(started(), (decision, { summary }) => {
    return summary === undefined || same(decision, { kind: "stop", outcome: { kind: "done", summary } });
  });
});

Deno.test("decide() on a start: a session at a closed gate, or with open questions, spends nothing", () => {
  holds(started(), (decision, { pause, summary, gateOpen, openQuestions }) => {
    if (pause === undefined || summary !== undefined) return true;
    const atGate = pause.gate !== undefined && !gateOpen;
    const unanswered = pause.gate === undefined && pause.for === "qa_answers" && openQuestions > 0;
    return !(atGate || unanswered) || (decision.kind === "pause" && decision.pause === pause);
  });
});

Deno.test("decide() on a start: an open gate leads to the wanted phase, else the phase continues", () => {
  holds(started(FREE.filter(({ gateOpen }) => gateOpen)), (decision, { phase, pause, summary, openQuestions }) => {
    if (summary !== undefined || (pause?.for === "qa_answers" && pause.gate === undefined && openQuestions > 0)) {
      return true;
    }
    const wants = pause?.wants;
    if (wants === undefined) return decision.kind === "continue";
    return !PHASES[phase].next.includes(wants) || same(decision, { kind: "enter", phase: wants });
  });
});

Deno.test("decide() respects a signal however the attempt ended", () => {
  holds(signaled({ ends: NOT_ABORTED }), (decision, state, event) => {
    return same(
      decision,
      decide(state, { ...event, kind: "ended", end: { kind: "finished" }, reading: readingOf(event) }),
    );
  });
});

Deno.test("decide() treats an aborted attempt's signal as a finished one's, with a stop request", () => {
  holds(signaled({ ends: [{ kind: "aborted", by: "SIGINT" }] }), (decision, state, event) => {
    const stopping = { ...state, stopRequestedBy: "SIGINT" };
    return same(
      decision,
      decide(stopping, { kind: "ended", end: { kind: "finished" }, reading: readingOf(event) }),
    );
  });
});

Deno.test("decide() stops after an aborted attempt that left no signal", () => {
  holds(ended({ ends: [{ kind: "aborted", by: "SIGINT" }], readings: NO_SIGNALS }), (decision) => {
    return same(decision, { kind: "stop", outcome: { kind: "stopped", by: "SIGINT" } });
  });
});

Deno.test("decide() blocks on a status that the phase may not signal", () => {
  holds(signaled(), (decision, state, event) => {
    const signal = signalIn(event);
    return LEGAL(signal, state) || needOf(decision) === "error_resolution";
  });
});

Deno.test("decide() ignores the phase of any signal but continue", () => {
  const others = SIGNALS.filter(({ status, phase }) => status !== "continue" && phase !== undefined);
  holds(signaled({ signals: others, ends: [{ kind: "finished" }] }), (decision, state, event) => {
    return same(decision, decideSignal(state, { ...signalIn(event), phase: undefined }));
  });
});

Deno.test("decide() stays in a phase up to its limit and then asks a human; no phase means this one", () => {
  const signals = SIGNALS.filter(({ status }) => status === "continue");
  holds(signaled({ signals, states: FREE, ends: NOT_ABORTED }), (decision, state, event) => {
    const signal = signalIn(event);
    if (!LEGAL(signal, state) || (signal.phase !== undefined && signal.phase !== state.phase)) return true;
    const below = state.iterationsInVisit < PHASES[state.phase].maxIterations;
    return below ? decision.kind === "continue" : needOf(decision) === "human_decision";
  });
});

Deno.test("decide() enters, pauses or blocks if an agent wants to leave its phase", () => {
  const signals = SIGNALS.filter(({ status, phase }) => status === "continue" && phase !== undefined);
  holds(signaled({ signals, states: FREE, ends: NOT_ABORTED }), (decision, state, event) => {
    const signal = signalIn(event);
    const { gate, next } = PHASES[state.phase];
    const target = signal.phase;
    if (!LEGAL(signal, state) || target === undefined || target === state.phase) return true;
    if (!next.includes(target)) return needOf(decision) === "error_resolution";
    if (gate === undefined || state.gateOpen) return same(decision, { kind: "enter", phase: target });
    if (gate === "plan_approval" && state.plan === undefined) return isRepair(decision, state);
    const wants = gate === "qa_answers" && state.openQuestions === 1 ? undefined : target;
    const detail = gate === "qa_answers" && state.openQuestions === 0 ? NOTHING_OPEN : DETAILS[gate];
    return same(decision, { kind: "pause", pause: { for: gate, gate, wants }, detail });
  });
});

Deno.test("decide() pauses if a legal wait has something to wait for, else asks for another signal", () => {
  const signals = SIGNALS.filter(({ status }) => status === "waiting");
  holds(signaled({ signals, states: FREE, ends: NOT_ABORTED }), (decision, state, event) => {
    const signal = signalIn(event);
    if (!LEGAL(signal, state) || signal.status !== "waiting") return true;
    const gate = signal.for === PHASES[state.phase].gate ? signal.for : undefined;
    if (signal.for === "plan_approval" && gate === undefined) return needOf(decision) === "error_resolution";
    if (signal.for === "plan_approval" && state.plan === undefined) return isRepair(decision, state);
    if (signal.for === "qa_answers" && state.openQuestions === 0) return isRepair(decision, state);
    const wants = signal.for === "plan_approval" ? "implementation" : undefined;
    return same(decision, { kind: "pause", pause: { for: signal.for, gate, wants }, detail: DETAILS[signal.for] });
  });
});

Deno.test("decide() passes on what an agent says that is blocked or done, in its own words", () => {
  const signals = SIGNALS.filter(({ status }) => status === "blocked" || status === "done");
  holds(signaled({ signals }), (decision, state, event) => {
    const signal = signalIn(event);
    if (!LEGAL(signal, state)) return true;
    if (signal.status === "done") {
      return same(decision, { kind: "stop", outcome: { kind: "done", summary: "All is well" } });
    }
    const { needs } = signal.status === "blocked" ? signal : assert.fail(signal.status);
    return same(decision, { kind: "stop", outcome: { kind: "blocked", reason: "No key", needs } });
  });
});

Deno.test("decide() retries a finished attempt without a usable signal once, then blocks", () => {
  holds(ended({ states: FREE, ends: [{ kind: "finished" }], readings: NO_SIGNALS }), isRepair);
});

Deno.test("decide() without a signal never enters a phase, pauses or continues: it retries or stops", () => {
  holds(ended({ readings: NO_SIGNALS }), ({ kind }) => kind === "retry" || kind === "stop");
});

Deno.test("decide() never counts a failure as a wrong signal, or the reverse", () => {
  holds(everyCase(), (decision, _state, event) => {
    if (decision.kind !== "retry") return true;
    if (event.kind !== "ended") return false;
    const failed = event.reading.kind !== "signal" && event.end.kind !== "finished";
    return decision.repair === !failed && decision.because !== "";
  });
});

Deno.test("decide() does not retry what a second attempt cannot fix", () => {
  const { auth, billing, request, setup } = CRASHES;
  holds(ended({ ends: [auth, billing, request, setup], readings: NO_SIGNALS }), (decision) => {
    return same(decision, {
      kind: "stop",
      outcome: { kind: "blocked", reason: "The agent failed: why", needs: "error_resolution" },
    });
  });
  holds(ended({ ends: [{ kind: "not-found", binary: "claude" }], readings: NO_SIGNALS }), (decision) => {
    return decision.kind === "stop" && decision.outcome.kind === "failed";
  });
});

Deno.test("decide() retries a failed attempt as often as the policy allows", () => {
  const { turns, interrupted, unknown } = CRASHES;
  const ends = [
    turns,
    interrupted,
    unknown,
    ...ENDS.filter(({ kind }) => kind === "timed-out" || kind === "stalled"),
  ];
  for (const failures of [1, 2, 3, 4, 5]) {
    holds(ended({ states: FREE.map((state) => ({ ...state, failures })), ends, readings: NO_SIGNALS }), (decision) => {
      if (failures > 3) return decision.kind === "stop" && decision.outcome.kind === "failed";
      return decision.kind === "retry" && decision.delayMs === 5_000 * 2 ** (failures - 1) && !decision.repair;
    });
  }
});

Deno.test("decide() rests what is left of a pause when a run starts, and goes on when it is over", () => {
  const wait = { for: "limit" } as const;
  const resting = (leftMs: number): LoopState => ({
    ...CALM,
    rest: { endsAtMs: CALM.now.getTime() + leftMs, delayMs: 300_000, because: "full", wait },
  });
  const started = { kind: "started" } as const;
  assert.deepEqual(decide(resting(90_000), started), {
    kind: "retry",
    delayMs: 90_000,
    because: "full",
    repair: false,
    wait,
  });
  for (const leftMs of [0, -1, NaN]) assert.deepEqual(decide(resting(leftMs), started), { kind: "continue" });
});

Deno.test("decide() falls back at once, only to a provider that may take over, and never for a wrong signal", () => {
  let count = 0;
  holds(everyCase(), (decision, { team }, event) => {
    if (decision.kind !== "retry" || decision.fallback === undefined) return true;
    count++;
    const { instead, provider } = decision.fallback;
    const isFailure = event.kind === "ended" && event.reading.kind !== "signal";
    const fits = instead === team.worker && provider === team.substitute && instead !== provider;
    return fits && isFailure && decision.delayMs === 0 && !decision.repair;
  });
  assert.ok(count > 0, "somebody takes over");
});

Deno.test("decide() says why another provider takes over, and does not block the session", () => {
  const team = { worker: "claude", substitute: "codex", backAt: undefined };
  const decideAlike = (end: Extract<LoopEvent, { kind: "ended" }>["end"]): Decision =>
    decide({ ...CALM, team, failures: 1 }, { kind: "ended", end, reading: { kind: "missing" } });
  assert.deepEqual(decideAlike({ kind: "rate-limited", until: "2026-11-20T14:00:00Z", detail: "full" }), {
    kind: "retry",
    delayMs: 0,
    because: "hit a usage limit until 2026-11-20T14:00:00Z: full",
    repair: false,
    fallback: { instead: "claude", provider: "codex", until: "2026-11-20T14:00:15.000Z" },
  });
  assert.deepEqual(decideAlike(CRASHES.auth), {
    kind: "retry",
    delayMs: 0,
    because: "failed: why",
    repair: false,
    fallback: { instead: "claude", provider: "codex", until: undefined },
  });
});

/** Cases to read. What is not said is as in CALM: the first iteration of investigation, nothing special. */
const TABLE: readonly (readonly [story: string, state: Partial<LoopState>, event: LoopEvent, decision: Decision])[] = [
  ["a worker begins", {}, start(), { kind: "continue" }],
  ["a worker begins, but somebody wants a stop", { stopRequestedBy: "ada" }, start(), stopped("ada")],
  [
    "a worker begins, but the money is gone",
    { overBudget: "$5.00 of $5.00" },
    start(),
    poor("$5.00 of $5.00"),
  ],
  [
    "the agent was ended at the limit",
    { overBudget: "$5.10 of $5.00" },
    ends({ kind: "over-budget", detail: "Reached maximum budget ($0.1)" }),
    poor("$5.10 of $5.00"),
  ],
  [
    "the agent ended itself at its limit, by its own count",
    {},
    ends({ kind: "over-budget", detail: "Reached maximum budget ($0.1)" }),
    poor("Reached maximum budget ($0.1)"),
  ],
  [
    "so it did after a person raised it, or midnight",
    { hasNewBudget: true },
    ends({ kind: "over-budget", detail: "no time is left" }),
    { kind: "retry", delayMs: 0, because: "was ended: the budget is used up (no time is left)", repair: false },
  ],
  [
    "testing and quality have sent each other on for long enough",
    { phase: "testing", entries: { quality: 8 } },
    says({ status: "continue", phase: "quality" }),
    blocked("Entered quality 8 times; the session is probably looping", "human_decision"),
  ],
  ["a session that is done is run again", { phase: "done", summary: "Shipped" }, start(), done("Shipped")],
  [
    "a session that is done is run again without money",
    { phase: "done", summary: "Shipped", overBudget: "$9.00 of $5.00" },
    start(),
    done("Shipped"),
  ],
  [
    "run again with questions open",
    { phase: "requirements", gateOpen: false, openQuestions: 2, pause: at("qa_answers", undefined) },
    start(),
    rest("qa_answers", undefined),
  ],
  [
    "run again with a plan that was changed after its approval",
    { phase: "planning", gateOpen: false, isClosedAgain: true, pause: at("plan_approval", "implementation") },
    start(),
    {
      kind: "pause",
      pause: { for: "plan_approval", gate: "plan_approval", wants: "implementation" },
      detail: "The plan was changed after it was approved and needs your approval again",
    },
  ],
  [
    "run again with the questions answered: the agent works the answers in",
    { phase: "requirements", pause: at("qa_answers", undefined) },
    start(),
    { kind: "continue" },
  ],
  [
    "run again with the go-ahead for planning",
    { phase: "requirements", pause: at("qa_answers", "planning") },
    start(),
    { kind: "enter", phase: "planning" },
  ],
  [
    "run again without approval",
    { phase: "planning", gateOpen: false, plan: PLAN, pause: at("plan_approval", "implementation") },
    start(),
    rest("plan_approval", "implementation"),
  ],
  [
    "run again with approval",
    { phase: "planning", plan: PLAN, pause: at("plan_approval", "implementation") },
    start(),
    { kind: "enter", phase: "implementation" },
  ],
  [
    "run again with approval, but somebody wants a stop",
    { phase: "planning", plan: PLAN, pause: at("plan_approval", "implementation"), stopRequestedBy: "ada" },
    start(),
    stopped("ada"),
  ],
  ["run again after a plan was sent back", { phase: "planning", gateOpen: false, plan: PLAN }, start(), {
    kind: "continue",
  }],
  [
    "run again after a wait for a file: that is the human's word that it is there",
    { phase: "implementation", pause: { for: "file_update", gate: undefined, wants: undefined } },
    start(),
    { kind: "continue" },
  ],
  [
    "run again with questions open outside requirements",
    { phase: "implementation", openQuestions: 1, pause: { for: "qa_answers", gate: undefined, wants: undefined } },
    start(),
    {
      kind: "pause",
      pause: { for: "qa_answers", gate: undefined, wants: undefined },
      detail: "The agent's questions need your answers",
    },
  ],
  [
    "a rest on the way to a phase that cannot follow",
    { phase: "testing", pause: at("plan_approval", "planning") },
    start(),
    blocked(
      "The agent asked to go from testing to planning: testing leads to quality, done, implementation",
      "error_resolution",
    ),
  ],
  ["go on here", {}, says({ status: "continue", phase: undefined }), { kind: "continue" }],
  [
    "go on here, for the 20th time",
    { iterationsInVisit: 20 },
    says({ status: "continue", phase: "investigation" }),
    blocked("The investigation phase took 20 iterations, of at most 20", "human_decision"),
  ],
  [
    "the 20th iteration leads on",
    { iterationsInVisit: 20 },
    says({ status: "continue", phase: "requirements" }),
    { kind: "enter", phase: "requirements" },
  ],
  [
    "a leap",
    {},
    says({ status: "continue", phase: "implementation" }),
    blocked(
      "The agent asked to go from investigation to implementation: investigation leads to requirements",
      "error_resolution",
    ),
  ],
  [
    "a leap over an open gate",
    { phase: "planning", plan: PLAN },
    says({ status: "continue", phase: "done" }),
    blocked(
      "The agent asked to go from planning to done: planning leads to implementation",
      "error_resolution",
    ),
  ],
  [
    "a step through the gate before a human acted",
    { phase: "planning", gateOpen: false, plan: PLAN },
    says({ status: "continue", phase: "implementation" }),
    rest("plan_approval", "implementation"),
  ],
  [
    "a step through the gate before a human acted, and somebody wants a stop: the human is due all the same",
    { phase: "planning", gateOpen: false, plan: PLAN, stopRequestedBy: "ada" },
    says({ status: "continue", phase: "implementation" }),
    rest("plan_approval", "implementation"),
  ],
  [
    "no plan to approve",
    { phase: "planning", gateOpen: false },
    says({ status: "waiting", for: "plan_approval", phase: undefined }),
    mend("asks for the plan's approval, but no plan file (STAMP-plan-TOPIC.md) is in the session folder"),
  ],
  [
    "no plan to approve, said twice",
    { phase: "planning", gateOpen: false, repairs: 1 },
    says({ status: "continue", phase: "implementation" }),
    blocked(
      "The agent left no usable signal, even after a retry: asks for the plan's approval, but no plan file " +
        "(STAMP-plan-TOPIC.md) is in the session folder",
      "error_resolution",
    ),
  ],
  [
    "a plan waits",
    { phase: "planning", gateOpen: false, plan: PLAN },
    says({ status: "waiting", for: "plan_approval", phase: "planning" }),
    rest("plan_approval", "implementation"),
  ],
  [
    "questions wait",
    { phase: "requirements", gateOpen: false, openQuestions: 3 },
    says({ status: "waiting", for: "qa_answers", phase: undefined }),
    rest("qa_answers", undefined),
  ],
  [
    "no question to answer",
    { phase: "requirements", gateOpen: false },
    says({ status: "waiting", for: "qa_answers", phase: undefined }),
    mend("waits for qa_answers, but _qa.md has no open question (`**Answer:** _waiting_`)"),
  ],
  [
    "leaves requirements with questions open: the answers come first",
    { phase: "requirements", gateOpen: false, openQuestions: 1 },
    says({ status: "continue", phase: "planning" }),
    rest("qa_answers", undefined),
  ],
  [
    "leaves requirements with the questions answered by nobody knows whom: a plain go-ahead is enough",
    { phase: "requirements", gateOpen: false, questions: 1 },
    says({ status: "continue", phase: "planning" }),
    rest("qa_answers", "planning", NOTHING_OPEN),
  ],
  [
    "asks for approval where no plan is made",
    { phase: "implementation", plan: PLAN },
    says({ status: "waiting", for: "plan_approval", phase: undefined }),
    blocked("The agent asked a human to approve the plan in the implementation phase", "error_resolution"),
  ],
  [
    "says done too early",
    { phase: "testing" },
    says({ status: "done", summary: "All is well", phase: undefined }),
    blocked(
      'The agent signaled "done" in the testing phase: it may signal continue, blocked',
      "error_resolution",
    ),
  ],
  [
    "says anything in init",
    { phase: "init" },
    says({ status: "continue", phase: "investigation" }),
    blocked('The agent signaled "continue" in the init phase: no agent works there', "error_resolution"),
  ],
  [
    "done, at the very end of the money",
    { phase: "done", overBudget: "$5.00 of $5.00" },
    says({ status: "done", summary: "Shipped", phase: undefined }),
    done("Shipped"),
  ],
  ["finished without a word", {}, ends({ kind: "finished" }), mend("_signal.json was not written")],
  [
    "finished without a word, twice",
    { repairs: 1 },
    ends({ kind: "finished" }),
    blocked(
      "The agent left no usable signal, even after a retry: _signal.json was not written",
      "error_resolution",
    ),
  ],
  [
    "the agent failed for the second time",
    { failures: 2 },
    ends(CRASHES.unknown),
    { kind: "retry", delayMs: 10_000, because: "failed: why", repair: false },
  ],
  [
    "out of time, with half a signal",
    { failures: 1 },
    { kind: "ended", end: { kind: "timed-out", afterMs: 9 }, reading: { kind: "malformed", problem: "is empty" } },
    { kind: "retry", delayMs: 5_000, because: "timed-out, and _signal.json is empty", repair: false },
  ],
  [
    "out of time, with a signal: the work counts",
    { failures: 1 },
    says({ status: "continue", phase: "requirements" }, { kind: "timed-out", afterMs: 9 }),
    { kind: "enter", phase: "requirements" },
  ],
  [
    "interrupted, with a signal: the run ends, the signal is settled by the next one",
    {},
    says({ status: "continue", phase: "requirements" }, { kind: "aborted", by: "SIGINT" }),
    stopped("SIGINT"),
  ],
  [
    "interrupted when the plan was ready: the human is due",
    { phase: "planning", gateOpen: false, plan: PLAN },
    says({ status: "waiting", for: "plan_approval", phase: undefined }, { kind: "aborted", by: "SIGINT" }),
    rest("plan_approval", "implementation"),
  ],
  [
    "the client is not installed",
    { failures: 1 },
    ends({ kind: "not-found", binary: "claude" }),
    {
      kind: "stop",
      outcome: { kind: "failed", reason: "The agent could not be started: claude not found" },
    },
  ],
];

Deno.test("decide() begins an adopted session at its gate if there is something to show, and returns to its phase", () => {
  const owed = { for: "plan_approval", gate: "plan_approval", wants: "testing" } as const;
  const adopted = { phase: "testing", iterations: 9 } as const;
  const state: LoopState = { ...CALM, phase: "planning", gateOpen: false, owed, adopted, plan: PLAN };
  const start: LoopEvent = { kind: "started" };
  assert.deepEqual(decide(state, start), { kind: "pause", pause: owed, detail: "The plan needs your approval" });
  assert.deepEqual(decide({ ...state, plan: undefined }, start), { kind: "continue" });
  const approved = { ...state, owed: undefined, pause: owed, gateOpen: true };
  assert.deepEqual(decide(approved, start), { kind: "enter", phase: "testing" });
  assert.deepEqual(decide({ ...approved, openSteps: ["Refuse the sixth"] }, start), {
    kind: "enter",
    phase: "implementation",
    because: 'it was in testing, but the approved plan has unticked steps: "Refuse the sixth"',
  });
  // What no human approved, an agent cannot ask for.
  const asks = says({ status: "continue", phase: "testing" });
  const refused = decide({ ...state, owed: undefined, gateOpen: true }, asks);
  assert.equal(refused.kind === "stop" && refused.outcome.kind, "blocked");
});

Deno.test("decide() by example", () => {
  for (const [story, state, event, decision] of TABLE) {
    assert.deepEqual(decide({ ...CALM, ...state }, event), decision, story);
  }
});

function spends({ kind }: Decision): boolean {
  return kind === "continue" || kind === "enter" || kind === "retry";
}

/** The first time the agent is told what was wrong, without delay; the second time a human is. */
function isRepair(decision: Decision, { repairs }: LoopState): boolean {
  if (repairs > 0) return needOf(decision) === "error_resolution";
  return decision.kind === "retry" && decision.repair && decision.delayMs === 0;
}

function needOf(decision: Decision): string | undefined {
  return decision.kind === "stop" && decision.outcome.kind === "blocked" ? decision.outcome.needs : undefined;
}

function readingOf(event: LoopEvent): Extract<LoopEvent, { kind: "ended" }>["reading"] {
  return event.kind === "ended" ? event.reading : assert.fail("nothing ended");
}

function signalIn(event: LoopEvent): Signal {
  const reading = readingOf(event);
  return reading.kind === "signal" ? reading.signal : assert.fail("no signal");
}

function decideSignal(state: LoopState, signal: Signal): Decision {
  return decide(state, { kind: "ended", end: { kind: "finished" }, reading: { kind: "signal", signal } });
}

function start(): LoopEvent {
  return { kind: "started" };
}

function ends(end: Extract<LoopEvent, { kind: "ended" }>["end"]): LoopEvent {
  return { kind: "ended", end, reading: { kind: "missing" } };
}

function says(signal: Signal, end: Extract<LoopEvent, { kind: "ended" }>["end"] = { kind: "finished" }): LoopEvent {
  return { kind: "ended", end, reading: { kind: "signal", signal } };
}

function at(gate: Gate, wants: Phase | undefined): LoopState["pause"] {
  return { for: gate, gate, wants };
}

function rest(gate: Gate, wants: Phase | undefined, detail: string = DETAILS[gate]): Decision {
  return { kind: "pause", pause: { for: gate, gate, wants }, detail };
}

function mend(because: string): Decision {
  return { kind: "retry", delayMs: 0, because, repair: true };
}

function stopped(by: string): Decision {
  return { kind: "stop", outcome: { kind: "stopped", by } };
}

function poor(limit: string): Decision {
  const detail = `The budget is used up: ${limit}`;
  return { kind: "stop", outcome: { kind: "waiting", for: "budget", gate: undefined, detail } };
}

function done(summary: string): Decision {
  return { kind: "stop", outcome: { kind: "done", summary } };
}

function blocked(reason: string, needs: "human_decision" | "error_resolution"): Decision {
  return { kind: "stop", outcome: { kind: "blocked", reason, needs } };
}

Deno.test("decide() lets no agent work from a plan that is not the approved one", () => {
  const broken = everyCase().map(({ state, event }) => ({
    state: { ...state, phase: "implementation" as const, brokenGate: "plan_approval" as const },
    event,
  }));
  holds(broken, (decision, state, event) => {
    const before = decide({ ...state, brokenGate: undefined }, event);
    if (before.kind === "stop" || before.kind === "pause") return same(decision, before);
    return same(decision, {
      kind: "pause",
      pause: { for: "plan_approval", gate: "plan_approval", wants: "implementation" },
      detail: "The plan was changed after it was approved and needs your approval again",
      phase: "planning",
    });
  });
});
