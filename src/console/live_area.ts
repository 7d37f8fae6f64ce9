/**
 * The lines at the bottom of a terminal that show the state of a run, as text: nothing is written here.
 *
 * @module
 */
import { formatCost, formatDuration } from "../text/format.ts";
import { AGENT_PHASES, type Phase, PHASES } from "../workflow/phases.ts";
import { type EarlierRuns, type RunProgress, sessionCost } from "./run_progress.ts";
import { cutSpans, type Span, spansWidth } from "./spans.ts";

/** How long one frame of the spinner is shown. */
export const SPINNER_MS = 120;

const SPINNER = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];

/** What the lines show besides the progress. */
export interface LiveAreaView {
  readonly columns: number;
  readonly nowMs: number;
  readonly sessionName: string;
  readonly before: EarlierRuns;
}

/** Draws the lines; none is wider than `columns`. */
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

type Name = (phase: Phase, isCurrent: boolean) => string;

/** Longest form first: all names in full, the others short, the others as marks only. */
const FORMS: readonly Name[] = [
  (phase) => phase,
  (phase, isCurrent) => isCurrent ? phase : PHASES[phase].short,
  (phase, isCurrent) => isCurrent ? phase : "",
];

/** Draws `✓ investigation ─ ● requirements ─ ○ planning …` in the longest form that fits. */
export function phaseStepper(phase: Phase | undefined, columns: number): readonly Span[] {
  const forms = FORMS.map((name) => drawPhases(phase, name));
  const shortest = forms.at(-1) ?? [];
  return forms.find((spans) => spansWidth(spans) <= columns) ?? cutSpans(shortest, columns);
}

function drawPhases(current: Phase | undefined, name: Name): readonly Span[] {
  const position = AGENT_PHASES.findIndex((phase) => phase === current);
  return AGENT_PHASES.flatMap((phase, index): readonly Span[] => {
    const between: Span = ["dim", index === 0 ? "" : " ─ "];
    const label = name(phase, index === position);
    const text = label === "" ? "" : ` ${label}`;
    if (index < position) return [between, ["good", "✓"], ["plain", text]];
    if (index === position) return [between, ["now", `●${text}`]];
    return [between, ["dim", `○${text}`]];
  });
}
