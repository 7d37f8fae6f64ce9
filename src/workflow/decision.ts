/**
 * What a session can do next, and what that depends on.
 *
 * @module
 */
import type { CheckStage } from "./evidence.ts";
import { type Gate, type GateDocuments, gateRule, isGate, type WaitFor, WAITS } from "./gates.ts";
import type { History, Pause } from "./history.ts";
import type { IterationEnd } from "./iteration_end.ts";
import type { Fallback, Need, Wait } from "./iteration_events.ts";
import type { Phase } from "./phases.ts";
import type { Stall } from "./progress.ts";
import type { RetryPolicy, Team } from "./retry.ts";
import type { RuleFacts } from "./rules.ts";
import type { Outcome } from "./run_events.ts";
import type { SignalReading } from "./signal.ts";

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

/** The end of a run that a person must help on. */
export function blocked(reason: string, needs: Need): Decision {
  return { kind: "stop", outcome: { kind: "blocked", reason, needs } };
}

/** What a person is waited for, in words. */
export function waitingFor(what: WaitFor, state: LoopState): string {
  if (!isGate(what)) return WAITS[what].waiting;
  const { closedAgain, isDue, waiting, waitingUndue } = gateRule(what);
  if (state.isClosedAgain) return closedAgain;
  return isDue(state) ? waiting : waitingUndue;
}
