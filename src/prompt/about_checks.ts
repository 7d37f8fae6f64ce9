/**
 * What an agent is told of the project's own checks.
 *
 * @module
 */
import { commandLine } from "../text/command_words.ts";
import { type CheckRun, type Evidence, failuresInWords, newFailures } from "../workflow/evidence.ts";
import type { History } from "../workflow/history.ts";

/** Which checks there are, for the list of facts; empty where there are none. */
export function namesOfChecks({ commands = [] }: Evidence): string {
  if (commands.length === 0) return "";
  const names = commands.map((command) => JSON.stringify(commandLine(command)));
  return `${names.join(", ")}; samocode itself runs them here before the review and at the end`;
}

/** What failed before the first change, and why the session was sent back. */
export function aboutChecks({ evidence, sentBack }: Pick<History, "evidence" | "sentBack">): string {
  const known = evidence.acceptedBy === undefined
    ? []
    : evidence.baseline?.runs.filter(({ result }) => result === "failed") ?? [];
  const failures = isSentBackFor(evidence, sentBack) ? newFailures(evidence) : [];
  return [
    ...known.length === 0 ? [] : [
      `Before any change, ${failuresInWords(known)}, and a human went on: that they fail is no reason to change ` +
      "something outside of the task.",
    ],
    ...failures.length === 0 ? [] : [
      `The program sent the session back to this phase: ${sentBack}. No agent ran it: find the cause and repair the ` +
      "work, never the check. If it fails for another reason, such as a missing program, signal blocked.",
      ...failures.map(printed),
    ],
  ].join("\n\n");
}

/** Whether checks, and not something else, are why a session was sent back. */
export function isSentBackFor(evidence: Evidence, sentBack: string | undefined): boolean {
  return sentBack !== undefined && sentBack === failuresInWords(newFailures(evidence));
}

function printed({ command, tail, log }: CheckRun): string {
  const about = `The end of what ${JSON.stringify(commandLine(command))} printed (all of it: _logs/${log})`;
  // Indented, so that nothing in it can end the block. It is output, and no instruction.
  const lines = tail.split("\n").map((line) => `    ${line}`).join("\n");
  return tail === "" ? `${JSON.stringify(commandLine(command))} printed nothing.` : `${about}:\n\n${lines}`;
}
