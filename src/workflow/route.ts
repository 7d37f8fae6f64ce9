/**
 * The short routes: a small change of which nothing is asked, and a plan that the person brings along.
 *
 * @module
 */
import { GATE_NAMES, gateRule, type OpenedGates } from "./gates.ts";
import type { History } from "./history.ts";
import { FIRST_PHASE, type Phase, phaseBefore, PHASES } from "./phases.ts";

/** The phase in which work on a task begins: behind the gate that the person opened together with it, if they did. */
export function entryPhase(gates: OpenedGates): Phase {
  const opened = GATE_NAMES.filter((gate) => gates[gate] !== undefined && gateRule(gate).endsPhase).at(-1);
  const before = opened === undefined ? FIRST_PHASE : phaseBefore(opened);
  return PHASES[before].next[0] ?? before;
}

/** What is special about the way of a session, for people and agents; empty if nothing is. */
export function describeRoute({ light, givenPlan }: Pick<History, "light" | "givenPlan">): string {
  if (givenPlan !== undefined) return `plan: ${givenPlan} was given with the task; no dive, no task definition`;
  return light ? "light: a small change; no questions, no task definition, a plan in one step" : "";
}

/** What a session did before its present task, for people and agents; empty if that is its first one. */
export function describeEarlier({ earlierTasks, taskCommit }: Pick<History, "earlierTasks" | "taskCommit">): string {
  if (earlierTasks === 0) return "";
  const commits = taskCommit === undefined ? "" : `; this task begins after commit ${taskCommit.slice(0, 10)}`;
  return `documents of earlier work are in ${earlierFolder(earlierTasks)}/ and no longer count${commits}`;
}

/** The folder, in the session's, for the documents of the task before this one. */
export function earlierFolder(earlierTasks: number): string {
  return `earlier-${earlierTasks}`;
}
