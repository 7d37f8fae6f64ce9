/**
 * Describes what the project's own checks said, for a person.
 *
 * @module
 */
import { commandLine } from "../text/command_words.ts";
import { formatDuration } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { describeWho } from "./who_decided.ts";
import { type CheckRun, type Evidence, isKnownFailure, type Round } from "../workflow/evidence.ts";

/** Where no check is set. */
const UNCHECKED = "unchecked: .samocode sets no CHECK";

/** Says it in one line; empty before the first run. */
export function describeEvidence(evidence: Evidence): string {
  const { commands, baseline, round, hasBegun } = evidence;
  if (commands === undefined) return hasBegun ? UNCHECKED : "";
  if (commands.length === 0) return UNCHECKED;
  const shown = round ?? baseline;
  if (shown === undefined) return `not run yet: ${commands.map(commandLine).join(", ")}`;
  const each = shown.runs.map((run) => `${commandLine(run.command)} ${describeRun(evidence, run)}`);
  const left = shown.of - shown.runs.length;
  return `${STAGES[shown.stage]}: ${[...each, ...left > 0 ? [`${left} not finished`] : []].join("; ")}${
    commitOf(shown)
  }`;
}

/**
 * Writes it as a section of a Markdown document.
 *
 * @param options.withLogs Whether it names the logs, which only this machine has.
 */
export function checkSection(evidence: Evidence, { withLogs }: { readonly withLogs: boolean }): string {
  const { commands = [], round } = evidence;
  const lines = (commands.length === 0 ? [] : round?.runs ?? []).map((run) => {
    const commit = run.commit === undefined ? "" : ` on ${run.commit.slice(0, 10)}`;
    const log = withLogs ? `; log \`_logs/${run.log}\`` : "";
    return `- ${code(commandLine(run.command))}: ${describeRun(evidence, run)}${commit}${log}`;
  });
  const body = lines.length === 0
    ? "Unchecked: this project has samocode run no checks."
    : `Run by samocode, not by an agent:\n\n${lines.join("\n")}`;
  return `## Checks\n\n${body}\n`;
}

/** When checks run, in words. */
export const STAGES = {
  baseline: "before the first change",
  review: "before the review",
  end: "at the end",
} as const;

function describeRun(evidence: Evidence, run: CheckRun): string {
  const { result, detail, durationMs, uncommitted } = run;
  const known = isKnownFailure(evidence, run)
    ? [`as before any change (accepted: ${describeWho(evidence.acceptedBy ?? "")})`]
    : [];
  const dirty = uncommitted > 0 ? [`with ${uncommitted} uncommitted`] : [];
  return `${result} (${[detail, formatDuration(durationMs), ...dirty, ...known].join(", ")})`;
}

function commitOf({ runs: [first] }: Round): string {
  return first?.commit === undefined ? "" : ` on ${first.commit.slice(0, 10)}`;
}

/** In Markdown, code that contains backticks needs a longer fence. */
function code(line: string): string {
  const text = plainText(line, 300);
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
