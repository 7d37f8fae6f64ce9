/**
 * Renders what the project's own checks said, for a person.
 *
 * @module
 */
import type { ChecksView, CheckView } from "../operations/view_checks.ts";
import { commandLine } from "../text/command_words.ts";
import { formatDuration } from "../text/format.ts";
import { paint, plainLines, plainText } from "../text/terminal_text.ts";
import type { CliIo } from "./cli_io.ts";

const STAGES = { baseline: "Before the first change", review: "Before the review", end: "At the end" } as const;

/** Renders what the checks said. */
export function renderChecks({ summary, rounds }: ChecksView, { color }: Pick<CliIo, "color">): string {
  if (rounds.length === 0) return `${summary || "The session has not started."}\n`;
  return rounds.map(({ stage, runs }) =>
    `${paint("bold", STAGES[stage], color)}\n${runs.map((run) => renderRun(run, color)).join("")}`
  ).join("\n");
}

function renderRun(
  { command, result, detail, durationMs, commit, uncommitted, log, tail }: CheckView,
  color: boolean,
): string {
  const mark = result === "passed" ? paint("green", "✓", color) : paint("red", "✗", color);
  const on = commit === undefined ? [] : [`on ${commit.slice(0, 10)}`];
  const dirty = uncommitted === 0 ? [] : [`with ${uncommitted} uncommitted`];
  const facts = [plainText(detail, 300), formatDuration(durationMs), ...on, ...dirty].join(" · ");
  const printed = tail === "" ? "" : plainLines(tail).map((line) => `      ${line}\n`).join("");
  return `  ${mark} ${plainText(commandLine(command), 300)} ${result} · ${facts}\n    ${plainText(log)}\n${printed}`;
}
