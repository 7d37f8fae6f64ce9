/**
 * Notices that agents bring nothing new: states that were there before, or the same command failing again and again.
 *
 * @module
 */
import { isWaitedFor } from "./error_classes.ts";
import type { IterationEnd } from "./iteration_end.ts";
import { isPreparation, type Phase } from "./phases.ts";
import type { WorkState } from "./work.ts";

/** What is known about progress since a human last started the session. */
export interface Progress {
  /** All states that were there, the newest last. */
  readonly seen: readonly string[];
  /** The documents after the last attempt. */
  readonly documents: string | undefined;
  /** The attempts in a row that brought nothing new. */
  readonly idle: readonly IdleAttempt[];
  /** In how many attempts in a row each command failed while no document changed. */
  readonly failing: Readonly<Record<string, number>>;
  /** How many starts the agent was told about; `undefined` if it was not, or if there was progress since. */
  readonly told: number | undefined;
}

interface IdleAttempt {
  readonly iteration: number;
  readonly phase: Phase;
  readonly state: string;
}

/** An attempt that is over. */
export interface EndedAttempt {
  readonly iteration: number;
  readonly phase: Phase;
  readonly end: IterationEnd;
  /** When it ended, ISO 8601. */
  readonly at: string;
  readonly left: WorkState;
  /** The commands that failed when it last ran them. */
  readonly failed: readonly string[];
}

/** What was seen instead of progress. */
export interface Stall {
  /** The agent starts concerned. */
  readonly starts: number;
  /** In words, with outside text in it. */
  readonly seen: string;
}

/** Nothing is known. */
export const NO_PROGRESS: Progress = { seen: [], documents: undefined, idle: [], failing: {}, told: undefined };

/** So many starts without anything new, and the next agent is told; with that one it is five at most. */
export const MAX_IDLE_STARTS = 4;

/** More than the iterations that one step of a plan takes where a test fails that failed before any change. */
export const MAX_SAME_FAILURES = 6;

/** Enough for every cycle that an agent falls into, and little in the history. */
const MAX_SEEN = 64;

/** Notes what is there before a run's first attempt. */
export function noteState(progress: Progress, state: WorkState): Progress {
  return { ...progress, documents: state.documents, seen: withState(progress.seen, state) };
}

/**
 * Notes what an attempt left. Progress is a state that was not there before: where nothing has to be built yet, of all
 * files; else of all but the notebook, in which even a stuck agent notes that it tried. Signals do not count, since an
 * agent that does nothing can go round through the phases.
 */
export function noteAttempt(before: Progress, attempt: EndedAttempt): Progress {
  const { iteration, phase, left } = attempt;
  const state = isPreparation(phase) ? wholeOf(left) : workOf(left);
  const isNew = !before.seen.includes(state);
  const isIdle = !isNew && !isOutside(attempt);
  const after: Progress = {
    seen: withState(before.seen, left),
    documents: left.documents,
    idle: isNew ? [] : isIdle ? [...before.idle, { iteration, phase, state }] : before.idle,
    failing: failuresAfter(before, attempt),
    told: before.told,
  };
  return stallOf(after) === undefined ? { ...after, told: undefined } : after;
}

/** What is seen instead of progress, if it lasted long enough to be sure. */
export function stallOf({ idle, failing }: Progress): Stall | undefined {
  if (idle.length >= MAX_IDLE_STARTS) return { starts: idle.length, seen: idleInWords(idle) };
  const found = Object.entries(failing).find(([, times]) => times >= MAX_SAME_FAILURES);
  if (found === undefined) return undefined;
  const [command, starts] = found;
  return {
    starts,
    seen:
      `the command ${JSON.stringify(command)} failed in each of the last ${starts} attempts, and neither the plan ` +
      "nor another document changed meanwhile",
  };
}

/** Why no further agent is started: one was told already, and that brought nothing new either. */
export function lastStall(progress: Progress): Stall | undefined {
  const stall = stallOf(progress);
  return stall !== undefined && progress.told !== undefined && stall.starts > progress.told ? stall : undefined;
}

/** No agent is to blame for an outage, a limit, a budget or a request to stop. */
function isOutside({ end, at }: EndedAttempt): boolean {
  return end.kind === "aborted" || end.kind === "over-budget" || isWaitedFor(end, new Date(at));
}

function failuresAfter({ failing, documents }: Progress, { end, left, failed }: EndedAttempt): Progress["failing"] {
  // An attempt that was cut short may not have come to the command.
  if (end.kind !== "finished" && failed.length === 0) return failing;
  const before = left.documents === documents ? failing : {};
  return Object.fromEntries(failed.map((command) => [command, (before[command] ?? 0) + 1]));
}

function withState(seen: Progress["seen"], state: WorkState): Progress["seen"] {
  const now = [workOf(state), wholeOf(state)];
  return [...seen.filter((each) => !now.includes(each)), ...now].slice(-MAX_SEEN);
}

function workOf({ tree, documents }: WorkState): string {
  return `${tree} ${documents}`;
}

function wholeOf(state: WorkState): string {
  return `${workOf(state)} ${state.notebook}`;
}

function idleInWords(idle: readonly IdleAttempt[]): string {
  const [first, last] = [idle[0]?.iteration, idle.at(-1)?.iteration];
  const when = first === last ? `in iteration ${last}` : `iterations ${first} to ${last}`;
  const where = [...new Set(idle.map(({ phase }) => phase))].join(", ");
  const how = new Set(idle.map(({ state }) => state)).size > 1
    ? "only led back to states of the worktree and the documents that were there before"
    : "left the worktree, the plan and all other documents as they were before";
  return `the last ${idle.length} agent starts (${when}: ${where}) ${how}`;
}
