/**
 * Renders a status for a person.
 *
 * @module
 */
import { join } from "node:path";
import { formatCost, formatDuration, formatTokens } from "../text/format.ts";
import type { Question } from "../workflow/questions.ts";
import type { Status } from "../operations/read_status.ts";
import { displayWidth, plainText, wrapLine } from "../text/terminal_text.ts";
import type { Samocode } from "../operations/samocode.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments } from "./command.ts";
import { nextCommands } from "./next_commands.ts";
import { paint } from "./paint.ts";

/** How a state is shown. */
const STATE: Readonly<Record<Status["state"], { readonly mark: string; readonly color: Parameters<typeof paint>[0] }>> =
  {
    running: { mark: "●", color: "cyan" },
    waiting: { mark: "◆", color: "yellow" },
    blocked: { mark: "■", color: "red" },
    done: { mark: "✓", color: "green" },
    failed: { mark: "✗", color: "red" },
    stopped: { mark: "‖", color: "dim" },
    crashed: { mark: "✗", color: "red" },
  };

/** What it is rendered for. */
export interface View {
  readonly color: boolean;
  readonly columns: number;
  /** The repository in which to review a session's branch. */
  readonly mainRepo: string;
}

/** The view of the current terminal. */
export function viewOf({ color, columns }: CliIo, { settings }: Pick<Samocode, "settings">): View {
  return { color, columns: columns(), mainRepo: settings.mainRepo };
}

/** Writes a value as one line of JSON with `--json`, otherwise as text. */
export function tell(
  io: CliIo,
  { switches }: Arguments,
  { value, text }: { readonly value: unknown; readonly text: () => string },
): void {
  io.write(switches.has("json") ? JSON.stringify(value) + "\n" : text());
}

/** Renders one session in full. */
export function renderStatus(status: Status, view: View): string {
  const { color } = view;
  const { mark, color: stateColor } = STATE[status.state];
  const { branch, worktree, plan } = status;
  const lines = [
    `${paint(stateColor, `${mark} ${status.state}`, color)}  ${paint("bold", plainText(status.session), color)}  ` +
    `${status.phase}, iteration ${status.iteration}`,
    prose("Task", plainText(status.task, 300), view),
    status.detail !== "" && prose(status.state === "done" ? "Summary" : "Why", plainText(status.detail, 500), view),
    status.activity !== "" && prose("Doing", plainText(status.activity, 160), view),
    row(
      "Where",
      plainText(branch === undefined ? worktree ?? "not made yet" : `${worktree} on ${branch}`),
    ),
    status.provider !== undefined &&
    row("Agent", plainText([status.provider, status.model].filter((name) => name !== undefined).join(" "), 80)),
    status.note !== "" && prose("Note", plainText(status.note, 300), view),
    plan !== undefined &&
    row("Plan", `${plainText(join(status.folder, plan.path))} (${plan.done} of ${plan.total} ticked)`),
    row("Spent", spent(status)),
    row("Folder", plainText(status.folder)),
    ...status.questions.map((question) => `\n${renderQuestion(question, view)}`),
    ...nextCommands(status, view.mainRepo).map((command, index) =>
      `${index === 0 ? "\n" : ""}  ${paint("dim", "next", color)}  ${plainText(command)}`
    ),
  ];
  return lines.filter((line) => line !== false).join("\n") + "\n";
}

/** Renders sessions, one line each. */
export function renderList(
  statuses: readonly Status[],
  { color, columns }: View,
): string {
  if (statuses.length === 0) return 'No session yet. Start one: samocode run --session NAME --task "…"\n';
  const names = statuses.map(({ session }) => plainText(session));
  const width = Math.max(...names.map(displayWidth), 7);
  return statuses.map((status, index) => {
    const name = names[index] ?? "";
    const { mark, color: stateColor } = STATE[status.state];
    const head = `${mark} ${status.state.padEnd(8)} ${name + " ".repeat(width - displayWidth(name))}  ${
      status.phase.padEnd(14)
    } ${String(status.iteration).padStart(3)}  ${
      (status.costUsd === undefined ? "" : formatCost(status.costUsd)).padStart(7)
    }  `;
    const room = Math.max(10, columns - head.length - 1);
    return paint(stateColor, head, color) + plainText(status.activity || status.detail || status.task, room);
  }).join("\n") + "\n";
}

/** Renders a question. */
export function renderQuestion(
  { id, text, options, suggestion }: Question,
  { color, columns }: Omit<View, "mainRepo">,
): string {
  const fit = (line: string): readonly string[] => wrapLine(line, columns - 1);
  return [
    ...fit(`${id}: ${plainText(text, 1000)}`).map((row) => paint("bold", row, color)),
    ...options.flatMap((option) => fit(`  ${option.letter}) ${plainText(option.text, 500)}`)),
    ...(suggestion === undefined ? [] : fit(`  Suggested: ${plainText(suggestion.text, 500)}`))
      .map((row) => paint("dim", row, color)),
  ].join("\n");
}

function spent({ workedMs, costUsd, tokens }: Status): string {
  const parts = [formatDuration(workedMs)];
  if (costUsd !== undefined) parts.push(formatCost(costUsd));
  if (tokens.input + tokens.output > 0) {
    parts.push(`${formatTokens(tokens.input)} tokens in, ${formatTokens(tokens.output)} out`);
  }
  return parts.join(" · ");
}

/** Wraps text. Paths are not wrapped, so that they can be copied. */
function prose(label: string, text: string, { columns }: View): string {
  const rows = wrapLine(text, columns - LABEL_COLUMNS - 1);
  return rows.map((line, index) => index === 0 ? row(label, line) : " ".repeat(LABEL_COLUMNS) + line).join("\n");
}

/** The width of the labels, with the spaces around them. */
const LABEL_COLUMNS = 10;

function row(label: string, text: string): string {
  return `  ${label.padEnd(8)}${text}`;
}
