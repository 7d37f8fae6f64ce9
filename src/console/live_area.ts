/**
 * The lines at the bottom of a terminal that say where a run stands, as text: nothing is written here.
 *
 * @module
 */
import { formatCost, formatDuration } from "../text/format.ts";
import { phaseStepper } from "./phase_stepper.ts";
import { type EarlierRuns, type RunProgress, sessionCost } from "./run_progress.ts";
import { cutSpans, type Span } from "./spans.ts";

/** How long one picture of the spinner stands. */
export const SPINNER_MS = 120;

const SPINNER = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];

/** What is needed to draw the lines. */
export interface LiveAreaView {
  readonly columns: number;
  readonly nowMs: number;
  readonly sessionName: string;
  readonly before: EarlierRuns;
}

/** Draws the lines; none is wider than the terminal. */
export function liveArea(progress: RunProgress, view: LiveAreaView): readonly (readonly Span[])[] {
  const { columns, nowMs } = view;
  return [
    [["dim", "─".repeat(Math.max(0, columns))]],
    [["plain", " "], ...phaseStepper(progress.phase, columns - 2)],
    cutSpans([
      ["now", ` ${SPINNER[Math.floor(nowMs / SPINNER_MS) % SPINNER.length] ?? ""} `],
      ...activity(progress, nowMs),
    ], columns),
    cutSpans([["dim", `   ${totals(progress, view).join(" · ")}`]], columns),
  ];
}

function activity({ doing, pauseUntilMs }: RunProgress, nowMs: number): readonly Span[] {
  if (pauseUntilMs === undefined || pauseUntilMs <= nowMs) return [["plain", doing]];
  return [["due", `${formatDuration(pauseUntilMs - nowMs)} `], ["plain", doing]];
}

function totals(progress: RunProgress, { nowMs, sessionName, before }: LiveAreaView): readonly string[] {
  const { iteration, iterationStartedAtMs, startedAtMs } = progress;
  const parts = [sessionName];
  if (iteration !== undefined) {
    const since = iterationStartedAtMs === undefined ? "" : ` for ${formatDuration(nowMs - iterationStartedAtMs)}`;
    parts.push(`iteration ${iteration}${since}`);
  }
  const costUsd = sessionCost(progress, before);
  if (costUsd !== undefined) parts.push(formatCost(costUsd));
  if (startedAtMs !== undefined) parts.push(`run ${formatDuration(nowMs - startedAtMs)}`);
  return parts;
}
