/**
 * The one function that decides what a session does next.
 *
 * @module
 */
import { blocked, type Decision, type LoopEvent, type LoopState, waitingFor } from "./decision.ts";
import type { Failure } from "./error_classes.ts";
import { failuresInWords, isBaselineDue, redBaseline } from "./evidence.ts";
import { onContinue, onSignal, repair } from "./follow_signal.ts";
import { gateRule, isGate, WAITS } from "./gates.ts";
import { describeEnd } from "./iteration_end.ts";
import { phaseBefore, PHASES } from "./phases.ts";
import { afterFailure, restLeftMs } from "./retry.ts";
import { describeReading, type SignalReading } from "./signal.ts";

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

function waitForBudget(detail: string): Decision {
  return {
    kind: "stop",
    outcome: { kind: "waiting", for: "budget", gate: undefined, detail: `${WAITS.budget.waiting}: ${detail}` },
  };
}

function retryReason(end: Failure, reading: Exclude<SignalReading, { kind: "signal" }>): string {
  if (reading.kind === "malformed") return `${end.kind}, and ${describeReading(reading)}`;
  return end.kind === "crashed" ? `failed: ${end.detail}` : end.kind;
}
