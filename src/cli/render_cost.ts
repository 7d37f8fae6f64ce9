/**
 * Renders a cost report, with bars.
 *
 * @module
 */
import { type CostReport, type CostSum, dollarsOf } from "../operations/cost_report.ts";
import { formatCost, formatCount, formatDuration, formatTokens } from "../text/format.ts";
import { cutToWidth, displayWidth, paint, plainText } from "../text/terminal_text.ts";
import type { CliIo } from "./cli_io.ts";

const GAP = "  ";
const LEAST_BAR = 6;
const MOST_BAR = 40;

/** Renders a report: a row for each key, as many columns as fit, and the total. */
export function renderCost(
  { by, since, rows, total, sessions }: CostReport,
  view: Pick<CliIo, "color" | "columns">,
): string {
  const from = since === undefined ? "" : ` since ${since}`;
  if (rows.length === 0) return `No agent was started${from}, in ${formatCount(sessions, "session")}.\n`;
  const { color } = view;
  const room = view.columns() - 1;
  const all = [...rows, { key: "total", ...total }].map(({ key, ...sum }) => ({ key: plainText(key), sum }));
  const titles = [by.toUpperCase(), "COST", "TOKENS", "STARTS", "TIME"] as const;
  const cells = all.map(({ key, sum }) =>
    [key, dollars(sum), formatTokens(sum.tokens), String(sum.starts), formatDuration(sum.workedMs)] as const
  );
  const widths = titles.map((title, at) =>
    Math.max(...[title, ...cells.map((row) => row[at] ?? "")].map(displayWidth))
  );
  // The key gives way to its cost and a bar; the other columns are shown where all of them fit.
  const [keyWidth = 0, costWidth = 0, ...others] = widths;
  const key = Math.max(8, Math.min(keyWidth, room - costWidth - LEAST_BAR - 2 * GAP.length));
  const bare = key + GAP.length + costWidth;
  const wide = bare + others.reduce((sum, width) => sum + GAP.length + width, 0);
  const isWide = wide + GAP.length + LEAST_BAR <= room;
  const bar = Math.min(MOST_BAR, Math.max(LEAST_BAR, room - (isWide ? wide : bare) - GAP.length));
  const most = Math.max(...rows.map(dollarsOf));

  const line = (texts: readonly string[]): string =>
    texts.slice(0, isWide ? texts.length : 2)
      .map((text, at) => at === 0 ? padEnd(cutToWidth(text, key), key) : padStart(text, widths[at] ?? 0)).join(GAP);
  const body = all.map(({ sum }, at) => {
    const isTotal = at === rows.length;
    const text = line(cells[at] ?? []);
    return isTotal ? paint("bold", text, color) : `${text}${GAP}${drawBar(sum, { most, bar, color })}`.trimEnd();
  });
  const note = total.estimatedUsd > 0
    ? [`░ and ~: ${formatCost(total.estimatedUsd)} by list price, where no cost was reported`]
    : [];
  const head = paint("dim", line(titles), color);
  return [head, ...body, ...note.map((text) => paint("dim", text, color))].map((row) => `${row}\n`).join("");
}

function dollars(sum: CostSum): string {
  return `${sum.estimatedUsd > 0 ? "~" : ""}${formatCost(dollarsOf(sum))}`;
}

/** What was reported is solid, what is estimated is not. */
function drawBar(
  sum: CostSum,
  { most, bar, color }: { readonly most: number; readonly bar: number; readonly color: boolean },
): string {
  if (!(most > 0) || dollarsOf(sum) <= 0) return "";
  const length = Math.max(1, Math.round((dollarsOf(sum) / most) * bar));
  const solid = Math.round((sum.costUsd / dollarsOf(sum)) * length);
  return paint("cyan", "█".repeat(solid), color) + paint("dim", "░".repeat(length - solid), color);
}

function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - displayWidth(text))) + text;
}
