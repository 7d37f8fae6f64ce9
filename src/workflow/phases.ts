/**
 * The phases of a session and what each may do: `workflow.md` as a table.
 *
 * @module
 */
import type { Gate } from "./gates.ts";

/** All phases, in order. */
export const PHASE_NAMES = [
  "init",
  "investigation",
  "requirements",
  "planning",
  "implementation",
  "testing",
  "quality",
  "done",
] as const;

/** A phase of a session. */
export type Phase = (typeof PHASE_NAMES)[number];

/** A phase in which an agent works: all but init, which the worker carries out itself. */
export type AgentPhase = Exclude<Phase, "init">;

/** The phases in which an agent works, in order. */
export const AGENT_PHASES: readonly AgentPhase[] = PHASE_NAMES.filter((phase) => phase !== "init");

/** The phase in which a session begins. */
export const FIRST_PHASE: Phase = PHASE_NAMES[0];

/** Tells whether an agent works in a phase; before that, a session has no workplace. */
export function isAgentPhase(phase: Phase): phase is AgentPhase {
  return phase !== "init";
}

/** What an agent can signal. */
export type SignalStatus = "continue" | "waiting" | "blocked" | "done";

/** The rules of one phase. */
export interface PhaseRule {
  /** Its name for narrow terminals. */
  readonly short: string;
  /** The phases that may follow. */
  readonly next: readonly Phase[];
  /** The phases that follow instead in a light session. */
  readonly lightNext?: readonly Phase[];
  /** The gate that must be open before the phase is left. */
  readonly gate?: Gate;
  /** What its agent may signal. */
  readonly maySignal: readonly SignalStatus[];
  /** How many iterations one visit may take before a human is asked. */
  readonly maxIterations: number;
  /** Whether it carries out the plan: unticked steps lead back to it. */
  readonly builds?: true;
  /** Whether its agent reviews and gives a verdict; its iterations are `Quality Iteration` in the notebook. */
  readonly isReview?: true;
}

const WORKS: readonly SignalStatus[] = ["continue", "blocked"];
const ASKS: readonly SignalStatus[] = ["continue", "waiting", "blocked"];

/** The phase table. To add a phase, add a row, an agent and a line in `workflow.md`. */
export const PHASES: Readonly<Record<Phase, PhaseRule>> = {
  init: { short: "init", next: ["investigation"], maySignal: [], maxIterations: 0 },
  investigation: {
    short: "invest",
    next: ["requirements"],
    lightNext: ["planning"],
    maySignal: WORKS,
    maxIterations: 20,
  },
  requirements: { short: "reqs", next: ["planning"], gate: "qa_answers", maySignal: ASKS, maxIterations: 10 },
  planning: { short: "plan", next: ["implementation"], gate: "plan_approval", maySignal: ASKS, maxIterations: 10 },
  implementation: { short: "impl", next: ["testing", "quality"], maySignal: ASKS, maxIterations: 100, builds: true },
  testing: { short: "test", next: ["quality", "done", "implementation"], maySignal: WORKS, maxIterations: 20 },
  quality: {
    short: "quality",
    next: ["testing", "done", "implementation"],
    maySignal: WORKS,
    maxIterations: 10,
    isReview: true,
  },
  done: { short: "done", next: [], maySignal: ["done", "blocked"], maxIterations: 3 },
};

/** The phases that may follow in a session. */
export function nextPhases(phase: Phase, { light }: { readonly light: boolean }): readonly Phase[] {
  const { next, lightNext } = PHASES[phase];
  return light ? lightNext ?? next : next;
}

/** The agent of a phase; `undefined` if the worker carries it out itself. */
export function agentOf(phase: Phase): string | undefined {
  return isAgentPhase(phase) ? `${phase}-agent` : undefined;
}

/** The phase that carries out the plan. */
export const BUILDING: Phase = PHASE_NAMES.find((phase) => PHASES[phase].builds) ?? FIRST_PHASE;

/** Tells whether nothing has to be built yet: what is written into the notebook is progress. */
export function isPreparation(phase: Phase): boolean {
  return PHASE_NAMES.indexOf(phase) < PHASE_NAMES.indexOf(BUILDING);
}

/** Tells whether a phase begins only once each step of the approved plan is ticked. */
export function needsTicks(phase: Phase): boolean {
  return PHASE_NAMES.indexOf(phase) > PHASE_NAMES.indexOf(BUILDING);
}

/** The phase that a gate ends. */
export function phaseBefore(gate: Gate): Phase {
  const found = PHASE_NAMES.find((phase) => PHASES[phase].gate === gate);
  if (found === undefined) throw new Error(`No phase has the gate ${gate}`);
  return found;
}

/** Makes a table with a row for each phase in which an agent works. */
export function forAgentPhases<Row>(rowFor: (phase: AgentPhase) => Row): Readonly<Record<AgentPhase, Row>> {
  return {
    investigation: rowFor("investigation"),
    requirements: rowFor("requirements"),
    planning: rowFor("planning"),
    implementation: rowFor("implementation"),
    testing: rowFor("testing"),
    quality: rowFor("quality"),
    done: rowFor("done"),
  };
}

/** Reads a phase's name as people and agents write it: in any case, with spaces around it. */
export function readPhase(text: string): Phase | undefined {
  const name = text.trim().toLowerCase();
  return PHASE_NAMES.find((phase) => phase === name);
}
