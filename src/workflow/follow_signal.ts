/**
 * What follows a signal: the next iteration, another phase, a gate, checks or the end.
 *
 * @module
 */
import { blocked, type Decision, type LoopState, waitingFor } from "./decision.ts";
import { type CheckStage, failuresInWords, newFailures, standingOf } from "./evidence.ts";
import { gateRule, isGate, type WaitFor } from "./gates.ts";
import type { Signal } from "./iteration_events.ts";
import { BUILDING, nextPhases, type Phase, PHASES } from "./phases.ts";
import { type Breach, breachAtTheEnd, breachOnTheWay } from "./rules.ts";

/** How often an agent is told that its signal was missing or invalid before the session blocks. */
export const MAX_REPAIRS = 1;

/** How often a phase may be entered in one run, so that testing, quality and implementation cannot loop forever. */
export const MAX_ENTRIES = 8;

/** Decides what follows a signal. A signal that breaks a rule is not followed. */
export function onSignal(state: LoopState, signal: Signal): Decision {
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

/** Decides what follows the wish to go on in a phase, the present one or another. */
export function onContinue(state: LoopState, asked: Phase): Decision {
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
export function repair(state: LoopState, problem: string): Decision {
  if (state.repairs < MAX_REPAIRS) return { kind: "retry", delayMs: 0, because: problem, repair: true };
  return blocked(`The agent left no usable signal, even after a retry: ${problem}`, "error_resolution");
}

function phraseStatuses(phase: Phase): string {
  const { maySignal } = PHASES[phase];
  return maySignal.length === 0 ? "no agent works there" : `it may signal ${maySignal.join(", ")}`;
}
