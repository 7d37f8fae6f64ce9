/**
 * What an agent is told about an unusual past: an interrupted attempt, an unusable signal, a stopped session.
 *
 * @module
 */
import { WAITS } from "../workflow/gates.ts";
import type { History } from "../workflow/history.ts";
import { describeEnd, type IterationEnd } from "../workflow/iteration_end.ts";
import type { Outcome } from "../workflow/session_event.ts";

/** Describes it for the next attempt; empty if nothing unusual happened. */
export function whatHappenedBefore(history: History, attempt: number): string {
  return attempt === 1 ? resumption(history.resumedAfter) : repetition(history);
}

/** Names git locks that are in the way. Earlier agents' processes have ended, but a human's git may be running. */
export function aboutGitLocks(paths: readonly string[]): string {
  if (paths.length === 0) return "";
  return `Git is locked here by ${paths.join(" and ")}, probably by a git that was killed: no process of an earlier ` +
    "iteration is left. If no git is running in this repository, delete the lock file, then work.";
}

function repetition({ attempt }: History): string {
  if (attempt?.end?.kind === "finished") {
    const problem = attempt.reading?.kind === "malformed" ? attempt.reading.problem : "none was found";
    return `The previous attempt did not leave a usable signal: ${problem}. Do not repeat its work: ` +
      "check it, finish what is missing, then write the signal.";
  }
  const how = attempt?.end === undefined ? "was interrupted" : describeEnd(attempt.end);
  return `The previous attempt did not finish: it ${how}. Its work may be half done. Look at the notebook, the ` +
    `documents and the working directory first, then continue from there.${adviceAfter(attempt?.end)}`;
}

/** How not to fail the same way again. */
function adviceAfter(end: IterationEnd | undefined): string {
  const isTooMuch = end?.kind === "timed-out" || (end?.kind === "crashed" && end.cause === "turns");
  if (isTooMuch) return " Do a smaller piece of work this time, and write the signal early.";
  if (end?.kind === "stalled") return " If the cause was a long command without output, run it in parts.";
  return "";
}

function resumption(outcome: Outcome | undefined): string {
  switch (outcome?.kind) {
    case undefined:
    case "stopped":
    case "done":
      return "";
    case "waiting":
      return WAITS[outcome.for].resumed;
    case "blocked":
    case "failed":
      return `The session had stopped: ${outcome.reason}. A human has resumed it. Check whether the cause is gone, ` +
        "then continue.";
  }
}
