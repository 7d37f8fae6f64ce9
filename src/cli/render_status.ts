/**
 * Renders a status, and what can be done next, for a person.
 *
 * @module
 */
import { join } from "node:path";
import { describeEffort, describeUse } from "../messages/describe_usage.ts";
import { describeFinish, describeWork } from "../messages/describe_work.ts";
import { describeDoing, type NextSteps } from "../messages/describe_view.ts";
import { formatCount } from "../text/format.ts";
import { jsonText } from "../text/json_text.ts";
import type { Question } from "../workflow/questions.ts";
import type { Status } from "../operations/status.ts";
import { paint, plainText, type Style, wrapLine } from "../text/terminal_text.ts";
import type { Samocode } from "../operations/samocode.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments } from "./command.ts";
import { commandsFor } from "../text/action.ts";

/** How each state looks. */
export const STATE: Readonly<Record<Status["state"], { readonly mark: string; readonly color: Style }>> = {
  running: { mark: "●", color: "cyan" },
  queued: { mark: "○", color: "cyan" },
  waiting: { mark: "◆", color: "yellow" },
  ready: { mark: "◇", color: "cyan" },
  blocked: { mark: "■", color: "red" },
  done: { mark: "✓", color: "green" },
  failed: { mark: "✗", color: "red" },
  stopped: { mark: "‖", color: "dim" },
  crashed: { mark: "✗", color: "red" },
};

type View = Pick<CliIo, "color" | "columns">;

/** Writes a status as text after `lead`, or with `--json` as one line of JSON. */
export function tellStatus(
  io: CliIo,
  { switches }: Arguments,
  { status, samocode, lead = "" }: { readonly status: Status; readonly samocode: Samocode; readonly lead?: string },
): void {
  const text = () =>
    lead + renderStatus(status, io, { mainRepo: samocode.settings.mainRepo, nowMs: samocode.now().getTime() });
  io.write(switches.has("json") ? jsonText(status) + "\n" : text());
}

/** What a session is about, above a question to the person. */
export function renderAbout({ session, phase, iteration, task, detail }: Status, view: View): string {
  const lines = [
    `${paint("bold", plainText(session), view.color)}  ${phase}, iteration ${iteration}`,
    prose("Task", plainText(task, 300), view),
    detail !== "" && prose("Why", plainText(detail, 500), view),
  ];
  return `${lines.filter(Boolean).join("\n")}\n`;
}

function renderStatus(
  status: Status,
  view: View,
  { mainRepo, nowMs }: { readonly mainRepo: string; readonly nowMs: number },
): string {
  const { color } = view;
  const { mark, color: stateColor } = STATE[status.state];
  const { branch, commit, work, finish, handover, plan, provider, model = "", guard, tokens, kept, checks } = status;
  const usage = { inputTokens: tokens.input, outputTokens: tokens.output, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const spent = describeEffort({
    durationMs: status.workedMs,
    usage: { ...usage, costUsd: status.costUsd, estimatedUsd: status.estimatedUsd },
  });
  const doing = status.state === "running" ? doingAt(status, nowMs) : "";
  const lines = [
    `${paint(stateColor, `${mark} ${status.state}`, color)}  ${paint("bold", plainText(status.session), color)}  ` +
    `${status.phase}, iteration ${status.iteration}${status.attempt > 1 ? `, attempt ${status.attempt}` : ""}`,
    prose("Task", plainText(status.task, 300), view),
    status.detail !== "" && prose(status.state === "done" ? "Summary" : "Why", plainText(status.detail, 500), view),
    doing !== "" && prose("Doing", doing, view),
    work && row("Work", describeWork(work)),
    finish && row("Ended", plainText(describeFinish(finish))),
    finish === undefined && row("Where", plainText(placeOf(status))),
    finish !== undefined && branch !== undefined && row("Left", plainText(placeOf(status))),
    provider !== undefined && row("Agent", plainText(`${provider} ${model}`.trim(), 80)),
    guard !== "" && row("Guard", plainText(guard, 500)),
    status.note !== "" && prose("Note", plainText(status.note, 300), view),
    status.route !== "" && prose("Route", plainText(status.route, 300), view),
    work === undefined && commit && prose("Commit", plainText(`${commit.hash} ${commit.subject}`, 160), view),
    plan && row("Plan", `${plainText(join(status.folder, plan.path))} (${plan.done} of ${plan.total} ticked)`),
    handover.summary !== undefined && row("Read", plainText(handover.summary)),
    handover.pullRequest !== undefined && row("PR text", plainText(handover.pullRequest)),
    handover.report !== undefined && row("Report", plainText(handover.report)),
    checks !== "" && prose("Checks", checks, view),
    (kept.checkpoints > 0 || kept.problem !== "") && prose("Kept", plainText(describeKept(status), 300), view),
    row("Spent", spent.join(" · ")),
    status.budget.length > 0 && prose("Budget", status.budget.map(describeUse).join(" · "), view),
    row("Folder", plainText(status.folder)),
    ...status.questions.map((question) => `\n${renderQuestion(question, view)}`),
    ...nextCommands(status, mainRepo).map((command, index) =>
      `${index === 0 ? "\n" : ""}  ${paint("dim", "next", color)}  ${plainText(command)}`
    ),
  ];
  return lines.filter(Boolean).join("\n") + "\n";
}

function placeOf({ worktree, branch, iteration }: Status): string {
  if (branch === undefined) return worktree ?? (iteration === 0 ? "not created yet" : "removed");
  return worktree === undefined ? `${branch}, without a worktree` : `${worktree} on ${branch}`;
}

/** `running npm test (1m 15s)`, and what the agent did before it began to think. */
function doingAt(status: Status, nowMs: number): string {
  const { what, clocks, before } = describeDoing(status, nowMs);
  const time = clocks.length === 0 ? "" : ` (${clocks.join(", ")})`;
  return plainText(`${what}${time}${before === "" ? "" : ` · ${before}`}`, 160);
}

/** Renders a question. */
export function renderQuestion({ id, text, options, suggestion }: Question, { color, columns }: View): string {
  const fit = (line: string): readonly string[] => wrapLine(line, columns() - 1);
  return [
    ...fit(`${id}: ${plainText(text, 1000)}`).map((row) => paint("bold", row, color)),
    ...options.flatMap((option) => fit(`  ${option.letter}) ${plainText(option.text, 500)}`)),
    ...(suggestion === undefined ? [] : fit(`  Suggested: ${plainText(suggestion.text, 500)}`))
      .map((row) => paint("dim", row, color)),
  ].join("\n");
}

function describeKept({ session, kept: { checkpoints, problem } }: Status): string {
  const made = checkpoints === 0 ? [] : [`${formatCount(checkpoints, "checkpoint")}: samocode restore ${session}`];
  return [...made, ...problem === "" ? [] : [`not all uncommitted work is kept: ${problem}`]].join("; ");
}

/** Wraps text. Paths are not wrapped, so that they can be copied. */
function prose(label: string, text: string, { columns }: View): string {
  const rows = wrapLine(text, columns() - LABEL_COLUMNS - 1);
  return rows.map((line, index) => index === 0 ? row(label, line) : " ".repeat(LABEL_COLUMNS) + line).join("\n");
}

/** The width of the labels, with the spaces around them. */
const LABEL_COLUMNS = 10;

function row(label: string, text: string): string {
  return `  ${label.padEnd(8)}${text}`;
}

/** The commands to type next, likeliest first. */
export function nextCommands({ next, fleet }: Pick<Status, "next" | "fleet">, mainRepo: string): readonly string[] {
  return commandsFor(next, { mainRepo, isFleets: fleet !== undefined });
}

/** The same at the end of a run, with what to read first. */
export function nextSteps(
  { next, fleet, folder, plan, handover }: Pick<Status, "next" | "fleet" | "folder" | "plan" | "handover">,
  mainRepo: string,
): NextSteps {
  const isPlanDue = next.some(({ verb }) => verb === "approve") || handover.summary !== undefined;
  const documents = [
    ...(handover.summary === undefined ? [] : [`Read ${handover.summary}`]),
    ...(plan === undefined || !isPlanDue
      ? []
      : [`${handover.summary ? "The plan:" : "Read"} ${join(folder, plan.path)}`]),
    ...(handover.pullRequest === undefined ? [] : [`The pull-request text: ${handover.pullRequest}`]),
    ...(handover.report === undefined ? [] : [`The report, to send: ${handover.report}`]),
  ];
  return { documents, commands: nextCommands({ next, ...(fleet && { fleet }) }, mainRepo) };
}
