/**
 * What an agent is told of what went before it where that was not the usual: an attempt cut off, a signal that was not
 * usable, a session that had stopped.
 *
 * @module
 */
import { WAITS } from "../workflow/gates.ts";
import type { History } from "../workflow/history.ts";
import { describeEnd, type IterationEnd } from "../workflow/iteration_end.ts";
import type { Outcome } from "../workflow/session_event.ts";

/** Says it for the attempt of that number, which comes next; empty where all is as usual. */
export function whatHappenedBefore(history: History, attempt: number): string {
  return attempt === 1 ? resumption(history.resumedAfter) : repetition(history);
}

/**
 * Says which git locks are in the way; empty where there are none. The agent's own earlier processes are all ended; what
 * it cannot know is whether a human's git runs there.
 */
export function aboutGitLocks(paths: readonly string[]): string {
  if (paths.length === 0) return "";
  return `Git is locked here by ${
    paths.join(" and ")
  }. No process of an earlier iteration is left, so a git that was ` +
    "killed probably left it. Look whether a git runs in this repository; if none does, delete the lock file, then work.";
}

function repetition({ attempt }: History): string {
  if (attempt?.end?.kind === "finished") {
    const problem = attempt.reading?.kind === "malformed" ? attempt.reading.problem : "none was found";
    return `The attempt before this one did not leave a usable signal: ${problem}. Do not repeat its work: ` +
      "check it, finish what is missing, then write the signal.";
  }
  const how = attempt?.end === undefined ? "was interrupted" : describeEnd(attempt.end);
  return `The attempt before this one was cut off: it ${how}. Its work may be half done: look at the notebook, the ` +
    `documents and the working directory first, and go on from there.${adviceAfter(attempt?.end)}`;
}

/** Without it the next attempt would fail the same way. */
function adviceAfter(end: IterationEnd | undefined): string {
  const isTooMuch = end?.kind === "timed-out" || (end?.kind === "crashed" && end.cause === "turns");
  if (isTooMuch) return " Take a smaller piece this time, and leave the signal early.";
  if (end?.kind === "stalled") return " If a long command without output was the cause, run it in parts.";
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
      return `The session had stopped: ${outcome.reason}. A human has started it again: see whether the cause is gone, ` +
        "then go on from there.";
  }
}
