/**
 * Shows a status to a person.
 *
 * @module
 */
import { formatCost, formatDuration, formatTokens } from "../workflow/format.ts";
import type { Question } from "../workflow/questions.ts";
import type { SessionState, Status } from "../operations/read_status.ts";
import { plainText } from "../system/terminal_text.ts";
import { nextCommands } from "./next_commands.ts";
import { paint } from "./paint.ts";

/** How a state is shown. */
const STATE: Readonly<Record<SessionState, { readonly mark: string; readonly color: Parameters<typeof paint>[0] }>> = {
  running: { mark: "●", color: "cyan" },
  waiting: { mark: "◆", color: "yellow" },
  blocked: { mark: "■", color: "red" },
  done: { mark: "✓", color: "green" },
  failed: { mark: "✗", color: "red" },
  stopped: { mark: "‖", color: "dim" },
  crashed: { mark: "✗", color: "red" },
};

/** One session, whole. */
export function renderStatus(status: Status, { color }: { readonly color: boolean }): string {
  const { mark, color: stateColor } = STATE[status.state];
  const lines = [
    `${paint(stateColor, `${mark} ${status.state}`, color)}  ${paint("bold", status.session, color)}  ` +
    `${status.phase}, iteration ${status.iteration}`,
    row("Task", plainText(status.task, 300)),
    status.detail !== "" && row(status.state === "done" ? "Summary" : "Why", plainText(status.detail, 500)),
    status.activity !== "" && row("Doing", plainText(status.activity, 160)),
    row(
      "Where",
      status.branch === undefined ? status.worktree ?? "not made yet" : `${status.worktree} on ${status.branch}`,
    ),
    status.note !== "" && row("Note", plainText(status.note, 300)),
    status.plan !== undefined &&
    row("Plan", `${status.plan.path} (${status.plan.done} of ${status.plan.total} ticked)`),
    row("Spent", spent(status)),
    row("Folder", status.folder),
    ...status.questions.map((question) => `\n${renderQuestion(question, { color })}`),
    ...nextCommands(status).map((command, index) =>
      `${index === 0 ? "\n" : ""}  ${paint("dim", "next", color)}  ${command}`
    ),
  ];
  return lines.filter((line) => line !== false).join("\n") + "\n";
}

/** Many sessions, a line each. */
export function renderList(
  statuses: readonly Status[],
  { color, columns }: { readonly color: boolean; readonly columns: number },
): string {
  if (statuses.length === 0) return 'No session yet. Start one: samocode run --session NAME --task "…"\n';
  const width = Math.max(...statuses.map(({ session }) => session.length), 7);
  return statuses.map((status) => {
    const { mark, color: stateColor } = STATE[status.state];
    const head = `${mark} ${status.state.padEnd(8)} ${status.session.padEnd(width)}  ${status.phase.padEnd(14)} ${
      String(status.iteration).padStart(3)
    }  ${(status.costUsd === undefined ? "" : formatCost(status.costUsd)).padStart(7)}  `;
    const room = Math.max(10, columns - head.length - 1);
    return paint(stateColor, head, color) + plainText(status.activity || status.detail || status.task, room);
  }).join("\n") + "\n";
}

/** A question as it is put to a person. */
export function renderQuestion(question: Question, { color }: { readonly color: boolean }): string {
  return [
    paint("bold", `${question.id}: ${plainText(question.text, 1000)}`, color),
    ...question.options.map(({ letter, text }) => `  ${letter}) ${plainText(text, 500)}`),
    question.suggestion === undefined
      ? ""
      : `  ${paint("dim", `Suggested: ${plainText(question.suggestion.text, 500)}`, color)}`,
  ].filter((line) => line !== "").join("\n");
}

function spent({ workedMs, costUsd, tokens }: Status): string {
  const parts = [formatDuration(workedMs)];
  if (costUsd !== undefined) parts.push(formatCost(costUsd));
  if (tokens.input + tokens.output > 0) {
    parts.push(`${formatTokens(tokens.input)} tokens in, ${formatTokens(tokens.output)} out`);
  }
  return parts.join(" · ");
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(8)}${text}`;
}
