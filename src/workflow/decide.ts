/**
 * The one function that decides the future of a session.
 *
 * @module
 */
import { describeEnd, type IterationEnd } from "./iteration_end.ts";
import { type Gate, type GateDocuments, gateRule, isGate, type WaitFor, WAITS } from "./gates.ts";
import { type Phase, phaseBefore, PHASES } from "./phases.ts";
import { afterFailure, type RetryPolicy } from "./retry.ts";
import type { Team } from "./fallback.ts";
import type { Pause } from "./history.ts";
import type { Fallback, Outcome } from "./session_event.ts";
import { describeReading, type Need, type Signal, type SignalReading } from "./signal.ts";

/** All that a decision depends on. */
export interface LoopState extends GateDocuments {
  readonly phase: Phase;
  /** Iterations of this stay in the phase, the one that just ended included. */
  readonly iterationsInStay: number;
  /** How often each phase was entered since a human last let the session run. */
  readonly entries: Readonly<Partial<Record<Phase, number>>>;
  /** Whether the gate of this phase is open; true where the phase has none. */
  readonly gateOpen: boolean;
  /** Whether the gate was opened, and is shut because its documents have changed since. */
  readonly isShutAgain: boolean;
  /** The gate behind which the session works by a document that is no longer the one that was opened there. */
  readonly brokenGate: Gate | undefined;
  /** What the session rests for; `undefined` while it runs. */
  readonly pause: Pause | undefined;
  /** How often this iteration was already tried again because of its signal. */
  readonly repairs: number;
  /** Failed attempts of this iteration, this one included. */
  readonly failures: number;
  /** The session's summary, once it is done. */
  readonly summary: string | undefined;
  /** Who asked for a stop, if anybody did. */
  readonly stopRequestedBy: string | undefined;
  readonly costUsd: number;
  /** The most a session may cost; `undefined` for no limit. */
  readonly maxCostUsd: number | undefined;
  readonly policy: RetryPolicy;
  readonly team: Team;
  readonly now: Date;
}

/** What just happened. */
export type LoopEvent =
  /** A worker began, and nothing is left to be decided from before. */
  | { readonly kind: "started" }
  /** An attempt ended. */
  | { readonly kind: "ended"; readonly end: IterationEnd; readonly reading: SignalReading };

/** What follows. */
export type Decision =
  /** Run the next iteration in the same phase. */
  | { readonly kind: "continue" }
  /** Enter another phase and run there. */
  | { readonly kind: "enter"; readonly phase: Phase }
  /** Try the same iteration again after a pause; `repair`: only the signal was wrong; `fallback`: another one does it. */
  | {
    readonly kind: "retry";
    readonly delayMs: number;
    readonly because: string;
    readonly repair: boolean;
    readonly fallback?: Fallback;
  }
  /** Rest until a human acts. */
  | {
    readonly kind: "pause";
    readonly pause: Pause;
    readonly detail: string;
    /** The phase to go back to first. */
    readonly phase?: Phase;
  }
  /** Stop for good or until a human says go on. */
  | { readonly kind: "stop"; readonly outcome: Exclude<Outcome, { kind: "waiting" }> };

/** How often an agent is told that its signal was wrong before the session blocks. */
export const MAX_REPAIRS = 1;

/** How often a phase may be entered in one run: testing, quality and implementation could else send each other on for ever. */
export const MAX_ENTRIES = 8;

/**
 * Decides what follows. Total: every phase, signal, end and gate has an answer, and no answer leads through a shut
 * gate.
 */
export function decide(current: LoopState, event: LoopEvent): Decision {
  const decision = decideByEvent(current, event);
  const { brokenGate: gate } = current;
  if (gate === undefined || decision.kind === "stop" || decision.kind === "pause") return decision;
  // Another agent would carry out what no human has seen.
  const phase = phaseBefore(gate);
  return {
    kind: "pause",
    pause: { for: gate, gate, wants: PHASES[phase].next[0] },
    detail: gateRule(gate).shutAgain,
    phase,
  };
}

function decideByEvent(current: LoopState, event: LoopEvent): Decision {
  if (event.kind === "started") return stoppedOr(current, onStart(current));
  const { end, reading } = event;
  // Whoever ends an attempt ends the run, but a signal that is there already says what the work came to.
  const state = end.kind === "aborted" ? { ...current, stopRequestedBy: end.by } : current;
  if (reading.kind === "signal") return stoppedOr(state, onSignal(state, reading.signal));
  if (end.kind === "aborted") return { kind: "stop", outcome: { kind: "stopped", by: end.by } };
  if (end.kind === "finished") return stoppedOr(state, repair(state, describeReading(reading)));
  const action = afterFailure(end, state);
  if (action.kind === "fail") return { kind: "stop", outcome: { kind: "failed", reason: action.reason } };
  if (action.kind === "block") return blocked(action.reason, "error_resolution");
  const { delayMs, fallback } = action;
  if (fallback !== undefined) {
    return stoppedOr(state, { kind: "retry", delayMs, because: describeEnd(end), repair: false, fallback });
  }
  const because = reading.kind === "malformed" ? `${end.kind}, and ${describeReading(reading)}` : reasonOf(end);
  return stoppedOr(state, { kind: "retry", delayMs, because, repair: false });
}

/** A wish to stop, or an empty purse, beats whatever would spend another token; it never hides an end or a gate. */
function stoppedOr(state: LoopState, decision: Decision): Decision {
  if (decision.kind === "stop" || decision.kind === "pause") return decision;
  if (state.stopRequestedBy !== undefined) {
    return { kind: "stop", outcome: { kind: "stopped", by: state.stopRequestedBy } };
  }
  if (state.maxCostUsd !== undefined && state.costUsd >= state.maxCostUsd) {
    return blocked(
      `The session has cost $${state.costUsd.toFixed(2)} of at most $${state.maxCostUsd.toFixed(2)}`,
      "budget",
    );
  }
  return decision;
}

function onStart(state: LoopState): Decision {
  if (state.summary !== undefined) return { kind: "stop", outcome: { kind: "done", summary: state.summary } };
  const { pause } = state;
  if (pause === undefined) return { kind: "continue" };
  if (pause.gate !== undefined) {
    if (!state.gateOpen) return { kind: "pause", pause, detail: waitingFor(pause.for, state) };
    return pause.wants === undefined ? { kind: "continue" } : onContinue(state, pause.wants);
  }
  if (isGate(pause.for) && !gateRule(pause.for).isMandatory && gateRule(pause.for).isDue(state)) {
    return { kind: "pause", pause, detail: WAITS[pause.for].waiting };
  }
  // To run the session again is the human's word that the file is updated or the action taken.
  return { kind: "continue" };
}

function onSignal(state: LoopState, signal: Signal): Decision {
  const { phase } = state;
  if (!PHASES[phase].maySignal.includes(signal.status)) {
    return blocked(
      `The agent signalled "${signal.status}", which the ${phase} phase may not: ${phraseStatuses(phase)}`,
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
      return { kind: "stop", outcome: { kind: "done", summary: signal.summary } };
  }
}

function onContinue(state: LoopState, target: Phase): Decision {
  const { phase } = state;
  const rule = PHASES[phase];
  if (target === phase) {
    if (state.iterationsInStay < rule.maxIterations) return { kind: "continue" };
    return blocked(
      `The ${phase} phase took ${state.iterationsInStay} iterations and may take ${rule.maxIterations}`,
      "human_decision",
    );
  }
  if (!rule.next.includes(target)) {
    const next = rule.next.length === 0 ? "no other phase" : rule.next.join(", ");
    return blocked(
      `The agent asked to go from ${phase} to ${target}: after ${phase} may come ${next}`,
      "error_resolution",
    );
  }
  const entries = state.entries[target] ?? 0;
  if (entries >= MAX_ENTRIES) {
    return blocked(`The session has come to ${target} ${entries} times and goes in circles`, "human_decision");
  }
  if (rule.gate === undefined || state.gateOpen) return { kind: "enter", phase: target };
  const { isMandatory, isDue, nothingDue, endsPhase } = gateRule(rule.gate);
  if (isMandatory && !isDue(state)) return repair(state, nothingDue);
  // Where there is something to work in, the phase goes on with it; with nothing due, opening is a plain "go on".
  const wants = endsPhase || !isDue(state) ? target : undefined;
  return {
    kind: "pause",
    pause: { for: rule.gate, gate: rule.gate, wants },
    detail: waitingFor(rule.gate, state),
  };
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
  // A phase that the gate ends has nothing left to do: another iteration would only cost.
  const wants = rule.endsPhase ? next[0] : undefined;
  return { kind: "pause", pause: { for: waitFor, gate: waitFor === gate ? gate : undefined, wants }, detail };
}

/** An agent that did its work but left no usable word is told once, exactly what was wrong. */
function repair(state: LoopState, problem: string): Decision {
  if (state.repairs < MAX_REPAIRS) return { kind: "retry", delayMs: 0, because: problem, repair: true };
  return blocked(`The agent left no usable signal, also when it was told: ${problem}`, "error_resolution");
}

function blocked(reason: string, needs: Need | "budget"): Decision {
  return { kind: "stop", outcome: { kind: "blocked", reason, needs } };
}

function reasonOf(end: Exclude<IterationEnd, { kind: "finished" | "aborted" }>): string {
  return end.kind === "crashed" ? `failed: ${end.detail}` : end.kind;
}

function phraseStatuses(phase: Phase): string {
  const { maySignal } = PHASES[phase];
  return maySignal.length === 0 ? "no agent works there" : `it may signal ${maySignal.join(", ")}`;
}

function waitingFor(what: WaitFor, { isShutAgain }: LoopState): string {
  return isShutAgain && isGate(what) ? gateRule(what).shutAgain : WAITS[what].waiting;
}
