/**
 * The one function that decides what a session does next.
 *
 * @module
 */
import { describeEnd, type IterationEnd } from "./iteration_end.ts";
import { type Gate, type GateDocuments, gateRule, isGate, type WaitFor, WAITS } from "./gates.ts";
import { BUILDING, nextPhases, type Phase, phaseBefore, PHASES } from "./phases.ts";
import type { Stall } from "./progress.ts";
import type { Failure } from "./error_classes.ts";
import { type CheckStage, failuresInWords, isBaselineDue, newFailures, redBaseline, standingOf } from "./evidence.ts";
import { afterFailure, restLeftMs, type RetryPolicy, type Team } from "./retry.ts";
import type { History, Pause } from "./history.ts";
import type { Fallback, Need, Signal, Wait } from "./iteration_events.ts";
import type { Outcome } from "./run_events.ts";
import { type Breach, breachAtTheEnd, breachOnTheWay, type RuleFacts } from "./rules.ts";
import { describeReading, type SignalReading } from "./signal.ts";

/** The part of the history that a decision depends on. */
type DecisionHistory = Pick<
  History,
  | "phase"
  | "light"
  | "iterationsInVisit"
  | "entries"
  | "pause"
  | "owed"
  | "adopted"
  | "repairs"
  | "failures"
  | "limits"
  | "outage"
  | "rest"
  | "evidence"
  | "stopRequestedBy"
>;

/** Everything that a decision depends on. */
export interface LoopState extends GateDocuments, DecisionHistory, RuleFacts {
  /** Whether the gate of this phase is open; true if the phase has none. */
  readonly gateOpen: boolean;
  /** Whether the gate was opened, but its document has changed since. */
  readonly isClosedAgain: boolean;
  /** The gate of an earlier phase whose approved document has changed. */
  readonly brokenGate: Gate | undefined;
  /** The session's summary, once it is done. */
  readonly summary: string | undefined;
  /** The limit of the budget that is used up, in words. */
  readonly overBudget: string | undefined;
  /** Whether there is more to use than the last attempt was given: a person raised a limit, or a new day has begun. */
  readonly hasNewBudget: boolean;
  /** Why no further agent is to be started although one was told: they bring nothing new. */
  readonly stall: Stall | undefined;
  /** A hash of the files in the workplace; empty where no checks can be due. */
  readonly tree: string;
  readonly policy: RetryPolicy;
  readonly team: Team;
  readonly now: Date;
  /** From 0 to 1. */
  readonly random: number;
}

/** What just happened. */
export type LoopEvent =
  /** A run began with no decision left over from the last one. */
  | { readonly kind: "started" }
  /** An attempt ended. */
  | { readonly kind: "ended"; readonly end: IterationEnd; readonly reading: SignalReading };

/** What happens next. */
export type Decision =
  /** Run the next iteration in the same phase. */
  | { readonly kind: "continue" }
  /** Enter another phase and run there. `because`: why the session is sent back, for the next agent. */
  | { readonly kind: "enter"; readonly phase: Phase; readonly because?: string }
  /** Retry the iteration after a delay. `repair`: only the signal was wrong. `fallback`: another provider takes over. */
  | {
    readonly kind: "retry";
    readonly delayMs: number;
    readonly because: string;
    readonly repair: boolean;
    readonly fallback?: Fallback;
    readonly wait?: Wait | undefined;
  }
  /** Run the checks, then decide again. */
  | { readonly kind: "check"; readonly stage: CheckStage }
  /** Wait for a human. */
  | {
    readonly kind: "pause";
    readonly pause: Pause;
    readonly detail: string;
    /** The phase to go back to first. */
    readonly phase?: Phase;
  }
  /** End the run. */
  | { readonly kind: "stop"; readonly outcome: Exclude<Outcome, { kind: "waiting" }> | BudgetWait };

type BudgetWait = Extract<Outcome, { kind: "waiting" }> & { readonly for: "budget" };

/** How often an agent is told that its signal was missing or invalid before the session blocks. */
export const MAX_REPAIRS = 1;

/** How often a phase may be entered in one run, so that testing, quality and implementation cannot loop forever. */
export const MAX_ENTRIES = 8;

/** Decides what happens next. Total over phases, signals, ends and gates; no decision leads through a closed gate. */
export function decide(current: LoopState, event: LoopEvent): Decision {
  const decision = decideByEvent(current, event);
  const { brokenGate: gate } = current;
  if (gate === undefined || decision.kind === "stop" || decision.kind === "pause") return decision;
  // The next agent would carry out what no human has seen.
  const phase = phaseBefore(gate);
  const pause = { for: gate, gate, wants: PHASES[phase].next[0] };
  return { kind: "pause", pause, detail: gateRule(gate).closedAgain, phase };
}

function decideByEvent(current: LoopState, event: LoopEvent): Decision {
  if (event.kind === "started") return stoppedOr(current, onStart(current));
  const { end, reading } = event;
  // Aborting an attempt stops the run, but a signal that was already written still counts.
  const state = end.kind === "aborted" ? { ...current, stopRequestedBy: end.by } : current;
  if (reading.kind === "signal") return stoppedOr(state, onSignal(state, reading.signal));
  if (end.kind === "aborted") return { kind: "stop", outcome: { kind: "stopped", by: end.by } };
  if (end.kind === "finished") return stoppedOr(state, repair(state, describeReading(reading)));
  if (end.kind === "over-budget") {
    if (state.overBudget !== undefined || !state.hasNewBudget) return waitForBudget(state.overBudget ?? end.detail);
    return stoppedOr(state, { kind: "retry", delayMs: 0, because: describeEnd(end), repair: false });
  }
  const action = afterFailure(end, state);
  if (action.kind === "fail") return { kind: "stop", outcome: { kind: "failed", reason: action.reason } };
  if (action.kind === "block") return blocked(action.reason, "error_resolution");
  const because = action.fallback !== undefined ? describeEnd(end) : retryReason(end, reading);
  return stoppedOr(state, { ...action, because, repair: false });
}

/** A stop request, a spent budget or no progress overrides what would cost more, but hides no end and no gate. */
function stoppedOr(state: LoopState, decision: Decision): Decision {
  if (decision.kind === "stop" || decision.kind === "pause") return decision;
  if (state.stopRequestedBy !== undefined) {
    return { kind: "stop", outcome: { kind: "stopped", by: state.stopRequestedBy } };
  }
  // The result may end the session, and costs no model call.
  if (decision.kind === "check") return decision;
  const { overBudget, stall } = state;
  if (overBudget !== undefined) return waitForBudget(overBudget);
  return stall === undefined ? decision : blocked(`No progress: ${stall.seen}`, "human_decision");
}

function onStart(state: LoopState): Decision {
  if (state.summary !== undefined) return { kind: "stop", outcome: { kind: "done", summary: state.summary } };
  const { pause, rest, now } = state;
  const restMs = rest === undefined ? 0 : restLeftMs(rest, now.getTime());
  if (rest !== undefined && restMs > 0) {
    return { kind: "retry", delayMs: restMs, because: rest.because, repair: false, wait: rest.wait };
  }
  const baseline = onBaseline(state);
  if (baseline !== undefined) return baseline;
  if (pause === undefined) return onOwed(state) ?? { kind: "continue" };
  if (pause.gate !== undefined) {
    if (!state.gateOpen) return { kind: "pause", pause, detail: waitingFor(pause.for, state) };
    return pause.wants === undefined ? { kind: "continue" } : onContinue(state, pause.wants);
  }
  if (isGate(pause.for) && !gateRule(pause.for).isMandatory && gateRule(pause.for).isDue(state)) {
    return { kind: "pause", pause, detail: WAITS[pause.for].waiting };
  }
  // By running the session again, the human says that the file is updated or the action taken.
  return { kind: "continue" };
}

/** An adopted session begins at its gate, if there is something to show; else the agent of the phase makes it. */
function onOwed(state: LoopState): Decision | undefined {
  const { owed } = state;
  if (owed === undefined || !gateRule(owed.gate).isDue(state)) return undefined;
  return { kind: "pause", pause: owed, detail: waitingFor(owed.for, state) };
}

function onBaseline({ evidence }: LoopState): Decision | undefined {
  if (isBaselineDue(evidence)) return { kind: "check", stage: "baseline" };
  const failures = redBaseline(evidence);
  if (failures.length === 0) return undefined;
  const pause = { for: "red_baseline", gate: undefined, wants: undefined } as const;
  return { kind: "pause", pause, detail: `Before any change, ${failuresInWords(failures)}` };
}

function onSignal(state: LoopState, signal: Signal): Decision {
  const { phase } = state;
  if (!PHASES[phase].maySignal.includes(signal.status)) {
    return blocked(
      `The agent signaled "${signal.status}" in the ${phase} phase: ${phraseStatuses(phase)}`,
      "error_resolution",
    );
  }
  switch (signal.status) {
    case "continue":
      return onContinue(state, signal.phase ?? phase);
    case "waiting":
      return onWaiting(state, signal.for);
    case "blocked":
      return blocked(signal.reason, signal.needs);
    case "done":
      return afterBreach(state, breachAtTheEnd(state)) ?? unlessChecked(state, "end") ??
        { kind: "stop", outcome: { kind: "done", summary: signal.summary } };
  }
}

function onContinue(state: LoopState, asked: Phase): Decision {
  const { phase } = state;
  const rule = PHASES[phase];
  const next = nextPhases(phase, state);
  // An agent that asks for what a light session leaves out has finished, all the same.
  const target = !next.includes(asked) && rule.next.includes(asked) ? next[0] ?? asked : asked;
  if (target === phase) {
    const taken = state.iterationsInVisit;
    if (taken < rule.maxIterations) return { kind: "continue" };
    return blocked(`The ${phase} phase took ${taken} iterations, of at most ${rule.maxIterations}`, "human_decision");
  }
  // An adopted session returns to its phase once its plan is approved.
  const returns = target === state.pause?.wants && target === state.adopted?.phase;
  if (!next.includes(target) && !returns) {
    const leads = `${phase} leads to ${next.length === 0 ? "no other phase" : next.join(", ")}`;
    return blocked(`The agent asked to go from ${phase} to ${target}: ${leads}`, "error_resolution");
  }
  const instead = afterBreach(state, breachOnTheWay(state, target)) ?? tooOften(state, target);
  if (instead !== undefined) return instead;
  if (rule.gate === undefined || state.gateOpen) return beforeEntry(state, target) ?? { kind: "enter", phase: target };
  const { isMandatory, isDue, nothingDue, endsPhase } = gateRule(rule.gate);
  if (isMandatory && !isDue(state)) return repair(state, nothingDue);
  // If the human has something to give, the same phase works with it first.
  const wants = endsPhase || !isDue(state) ? target : undefined;
  const pause = { for: rule.gate, gate: rule.gate, wants };
  return { kind: "pause", pause, detail: waitingFor(rule.gate, state) };
}

function beforeEntry(state: LoopState, target: Phase): Decision | undefined {
  const { isReview, next } = PHASES[target];
  if (next.length === 0) return unlessChecked(state, "end");
  return isReview ? unlessChecked(state, "review") : undefined;
}

/** What follows in place of what a signal asks for, until the checks pass. */
function unlessChecked(state: LoopState, stage: CheckStage): Decision | undefined {
  switch (standingOf(state.evidence, state.tree)) {
    case "unchecked":
    case "passed":
      return undefined;
    case "due":
      return { kind: "check", stage };
    case "failed":
      return afterBreach(state, { kind: "back", because: failuresInWords(newFailures(state.evidence)) });
  }
}

/** What follows in place of what a signal asks for, if that breaks a rule. */
function afterBreach(state: LoopState, breach: Breach | undefined): Decision | undefined {
  switch (breach?.kind) {
    case undefined:
      return undefined;
    case "told":
      if (state.repairs < MAX_REPAIRS) return repair(state, breach.problem);
      return blocked(`The agent ${breach.problem}, and was told so. ${breach.advice}`.trimEnd(), "human_decision");
    case "back":
      return tooOften(state, BUILDING) ?? { kind: "enter", phase: BUILDING, because: breach.because };
    case "asked":
      return blocked(breach.reason, "human_decision");
  }
}

function tooOften({ entries }: LoopState, phase: Phase): Decision | undefined {
  const times = entries[phase] ?? 0;
  if (times < MAX_ENTRIES) return undefined;
  return blocked(`Entered ${phase} ${times} times; the session is probably looping`, "human_decision");
}

function onWaiting(state: LoopState, waitFor: WaitFor): Decision {
  const { phase } = state;
  const { gate, next } = PHASES[phase];
  const detail = waitingFor(waitFor, state);
  if (!isGate(waitFor)) return { kind: "pause", pause: { for: waitFor, gate: undefined, wants: undefined }, detail };
  const rule = gateRule(waitFor);
  if (rule.isMandatory && gate !== waitFor) {
    return blocked(`The agent asked a human to ${rule.request} in the ${phase} phase`, "error_resolution");
  }
  if (!rule.isDue(state)) return repair(state, rule.nothingDue);
  // A phase that ends at the gate has nothing left to do.
  const wants = rule.endsPhase ? next[0] : undefined;
  return { kind: "pause", pause: { for: waitFor, gate: waitFor === gate ? gate : undefined, wants }, detail };
}

/** Tells an agent that did its work but left no usable signal what was wrong with it, once. */
function repair(state: LoopState, problem: string): Decision {
  if (state.repairs < MAX_REPAIRS) return { kind: "retry", delayMs: 0, because: problem, repair: true };
  return blocked(`The agent left no usable signal, even after a retry: ${problem}`, "error_resolution");
}

function waitForBudget(detail: string): Decision {
  return {
    kind: "stop",
    outcome: { kind: "waiting", for: "budget", gate: undefined, detail: `${WAITS.budget.waiting}: ${detail}` },
  };
}

function blocked(reason: string, needs: Need): Decision {
  return { kind: "stop", outcome: { kind: "blocked", reason, needs } };
}

function retryReason(end: Failure, reading: Exclude<SignalReading, { kind: "signal" }>): string {
  if (reading.kind === "malformed") return `${end.kind}, and ${describeReading(reading)}`;
  return end.kind === "crashed" ? `failed: ${end.detail}` : end.kind;
}

function phraseStatuses(phase: Phase): string {
  const { maySignal } = PHASES[phase];
  return maySignal.length === 0 ? "no agent works there" : `it may signal ${maySignal.join(", ")}`;
}

function waitingFor(what: WaitFor, state: LoopState): string {
  if (!isGate(what)) return WAITS[what].waiting;
  const { closedAgain, isDue, waiting, waitingUndue } = gateRule(what);
  if (state.isClosedAgain) return closedAgain;
  return isDue(state) ? waiting : waitingUndue;
}
