/**
 * Evidence: what the project's own checks said about the work, run by the program and not by an agent.
 *
 * @module
 */
import type { SessionEvent } from "./session_event.ts";
import { commandLine } from "../text/command_words.ts";

/** A check that was run, or that begins. */
type CheckEvent<Type extends `check.${"started" | "ended"}`> = Extract<SessionEvent, { type: Type }>;

/** When checks run. */
export type CheckStage = CheckEvent<"check.ended">["stage"];

/** One check as it was run. */
export type CheckRun = Omit<CheckEvent<"check.ended">, "type">;

/** All checks, one after the other, on the same state. */
export interface Round {
  readonly stage: CheckStage;
  /** A hash of the files that were checked. */
  readonly tree: string;
  /** How many checks it has. */
  readonly of: number;
  readonly runs: readonly CheckRun[];
  /** Whether no agent has worked since. */
  readonly isFresh: boolean;
}

/** What is known from the journal. */
export interface Evidence {
  /** The checks of the last run, each a list of arguments; `undefined` before it, and in the journals of older versions. */
  readonly commands: readonly (readonly string[])[] | undefined;
  /** How many checks were ever started. */
  readonly starts: number;
  /** The check that runs, or that its worker left. */
  readonly running: Pick<CheckEvent<"check.started">, "marker" | "log"> | undefined;
  /** Whether an agent has worked. */
  readonly hasBegun: boolean;
  /** The checks before the first change. */
  readonly baseline: Round | undefined;
  /** Who went on although these failed. */
  readonly acceptedBy: string | undefined;
  /** The newest checks after that. */
  readonly round: Round | undefined;
}

/** Nothing is known. */
export const NO_EVIDENCE: Evidence = {
  commands: undefined,
  starts: 0,
  running: undefined,
  hasBegun: false,
  baseline: undefined,
  acceptedBy: undefined,
  round: undefined,
};

/** Adds one event. */
export function foldEvidence(before: Evidence, event: SessionEvent): Evidence {
  switch (event.type) {
    case "session.started":
      return noteRun(before, event.checks ?? []);
    case "iteration.started":
      return { ...before, hasBegun: true, round: before.round && { ...before.round, isFresh: false } };
    case "check.started": {
      const { stage, tree, of, number, marker, log } = event;
      const after = { ...before, starts: before.starts + 1, running: { marker, log } };
      return number > 1 ? after : withRound(after, { stage, tree, of, runs: [], isFresh: true });
    }
    case "check.ended":
      return noteEnd(before, event);
    case "baseline.accepted":
      return { ...before, acceptedBy: event.by };
    default:
      return before;
  }
}

/** A person who starts a run again after a red baseline has it checked again. They accepted only what they saw. */
function noteRun(before: Evidence, commands: readonly (readonly string[])[]): Evidence {
  const { baseline, acceptedBy } = before;
  const isGreen = acceptedBy !== undefined || failuresIn(baseline).length === 0;
  const isSettled = before.hasBegun || (isGreen && isComplete(baseline, commands));
  const after = { ...before, commands, running: undefined };
  return isSettled ? after : { ...after, baseline: undefined, acceptedBy: undefined };
}

function noteEnd(before: Evidence, event: CheckRun): Evidence {
  const after = { ...before, running: undefined };
  const { stage, command, commit, uncommitted, log, result, exitCode, detail, durationMs, tail } = event;
  const round = stage === "baseline" ? before.baseline : before.round;
  // One that was cut short says nothing.
  if (round === undefined || result === "aborted") return after;
  const run = { stage, command, commit, uncommitted, log, result, exitCode, detail, durationMs, tail };
  return withRound(after, { ...round, runs: [...round.runs, run] });
}

function withRound(evidence: Evidence, round: Round): Evidence {
  return round.stage === "baseline" ? { ...evidence, baseline: round } : { ...evidence, round };
}

/** Whether the checks are to run before the first change. */
export function isBaselineDue({ commands = [], baseline, hasBegun }: Evidence): boolean {
  return commands.length > 0 && !hasBegun && !isComplete(baseline, commands);
}

/** What failed before the first change, and no person has gone on with it. */
export function redBaseline({ baseline, acceptedBy, hasBegun }: Evidence): readonly CheckRun[] {
  return acceptedBy !== undefined || hasBegun ? [] : failuresIn(baseline);
}

/** How the checks stand to the files as they are now. */
export type Standing = "unchecked" | "due" | "passed" | "failed";

/**
 * How the checks stand. A pass counts for just these files, whoever signals what. A failure counts until an agent has
 * worked: then it is tried again, on the same files, too.
 *
 * @param tree A hash of the files as they are now.
 */
export function standingOf(evidence: Evidence, tree: string): Standing {
  const { commands = [], round } = evidence;
  if (commands.length === 0) return "unchecked";
  if (round === undefined || !isComplete(round, commands)) return "due";
  if (!round.isFresh && round.tree !== tree) return "due";
  if (newFailures(evidence).length === 0) return "passed";
  return round.isFresh ? "failed" : "due";
}

/** What failed in the newest round, and did not fail before the first change. */
export function newFailures(evidence: Evidence): readonly CheckRun[] {
  return failuresIn(evidence.round).filter((run) => !isKnownFailure(evidence, run));
}

/** Whether a check failed before the first change, too, and a person went on with it. */
export function isKnownFailure({ baseline, acceptedBy }: Evidence, { command, result }: CheckRun): boolean {
  const line = commandLine(command);
  return result === "failed" && acceptedBy !== undefined &&
    failuresIn(baseline).some((known) => commandLine(known.command) === line);
}

/** Failures in words, for the reason why a session goes back or waits. */
export function failuresInWords(failures: readonly CheckRun[]): string {
  const each = failures.map(({ command, detail }) => `${JSON.stringify(commandLine(command))} (${detail})`);
  return `${failures.length === 1 ? "the check" : "the checks"} ${each.join(", ")} failed`;
}

/** Whether these very commands were all run. */
function isComplete(round: Round | undefined, commands: readonly (readonly string[])[]): boolean {
  const linesOf = (list: readonly (readonly string[])[]) => list.map(commandLine).join("\n");
  return round !== undefined && linesOf(round.runs.map(({ command }) => command)) === linesOf(commands);
}

function failuresIn(round: Round | undefined): readonly CheckRun[] {
  return round?.runs.filter(({ result }) => result === "failed") ?? [];
}
