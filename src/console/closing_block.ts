/**
 * The last lines on the console: how the run ended, what it took, and what to do now.
 *
 * @module
 */
import { formatCost, formatCount } from "../text/format.ts";
import { displayWidth, plainText, wrapToWidth } from "../text/terminal_text.ts";
import type { Outcome } from "../workflow/session_event.ts";
import { describeEffort, describeOutcome } from "../messages/describe_event.ts";
import { type EarlierRuns, type RunProgress, sessionCost } from "./run_progress.ts";
import { cutSpans, type Span, type Style } from "./spans.ts";

/** What the block shows besides outcome and progress. */
export interface ClosingBlockView {
  readonly columns: number;
  readonly sessionName: string;
  readonly before: EarlierRuns;
  /** What the person can do now. */
  readonly nextSteps: readonly string[];
}

const LOOKS: Readonly<Record<Outcome["kind"], readonly [mark: string, style: Style]>> = {
  done: ["✓", "good"],
  waiting: ["◆", "due"],
  blocked: ["■", "bad"],
  failed: ["✗", "bad"],
  stopped: ["■", "warn"],
};

/** The widest block that is pleasant to read. */
const MAX_COLUMNS = 100;

/** Draws the block. */
export function closingBlock(
  outcome: Outcome,
  progress: RunProgress,
  view: ClosingBlockView,
): readonly (readonly Span[])[] {
  const columns = Math.min(view.columns, MAX_COLUMNS);
  const [mark, style] = LOOKS[outcome.kind];
  const { title, text } = describeOutcome(outcome, (raw) => plainText(raw, 2000));
  const heading = ` ${mark} ${title.toUpperCase()} · `;
  const rule = "━".repeat(Math.max(0, columns - displayWidth(`━━${heading}${view.sessionName} `)));
  const indented = (look: Style, row: string): readonly Span[] => [[look, `  ${row}`]];
  const wrapped = (row: string): readonly string[] => wrapToWidth(row, columns - 2);
  const next = view.nextSteps.length === 0 ? [] : [
    [],
    indented("bold", "Next"),
    // Not wrapped, so that a command can be copied.
    ...view.nextSteps.map((step) => indented("plain", `  ${plainText(step)}`)),
  ];
  return [
    [],
    cutSpans([[style, `━━${heading}`], ["bold", view.sessionName], [style, ` ${rule}`]], columns),
    [],
    ...wrapped(capitalized(text)).map((row) => indented("bold", row)),
    [],
    ...totalsLines(progress, view).flatMap(wrapped).map((row) => indented("dim", row)),
    ...next,
    [],
    [[style, "━".repeat(columns)]],
  ];
}

/** What the run took and, if there were earlier runs, the whole session. */
export function totalsLines(progress: RunProgress, { before }: { readonly before: EarlierRuns }): readonly string[] {
  const { iterations, startedAtMs = 0, endedAtMs = 0, usage } = progress;
  const run = [formatCount(iterations, "iteration"), ...describeEffort({ durationMs: endedAtMs - startedAtMs, usage })];
  if (before.iterations === 0) return [run.join(" · ")];
  const costUsd = sessionCost(progress, before);
  const session = [
    formatCount(before.iterations + iterations, "iteration"),
    ...(costUsd === undefined ? [] : [formatCost(costUsd)]),
  ];
  return [`This run     ${run.join(" · ")}`, `The session  ${session.join(" · ")}`];
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
