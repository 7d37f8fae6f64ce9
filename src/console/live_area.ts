/**
 * The lines at the bottom of a terminal: the state of a run and, once it ends, how it ended, what it took, and what to do
 * now. Nothing is written here.
 *
 * @module
 */
import { formatCost, formatCount, formatDuration } from "../text/format.ts";
import { AGENT_PHASES, type Phase, PHASES } from "../workflow/phases.ts";
import { type EarlierRuns, type RunProgress, sessionCost } from "./run_progress.ts";
import { cutSpans, type Span, spansWidth, type Style } from "./screen.ts";
import { displayWidth, plainText, wrapToWidth } from "../text/terminal_text.ts";
import type { Outcome } from "../workflow/session_event.ts";
import { describeEvidence } from "../messages/describe_checks.ts";
import { describeEffort, describeOutcome, describeWork } from "../messages/describe_event.ts";

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
  /** `nextSteps` is what the person can do now. */
  view: Omit<LiveAreaView, "nowMs"> & { readonly nextSteps: readonly string[] },
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
    ...workRows(progress, columns),
    ...next,
    [],
    [[style, "━".repeat(columns)]],
  ];
}

/** What was committed: how much, the newest commits, and the files that changed most. */
function workRows({ work }: RunProgress, columns: number): readonly (readonly Span[])[] {
  if (work === undefined) return [];
  const row = (...spans: readonly Span[]): readonly Span[] => cutSpans([["plain", "    "], ...spans], columns);
  const more = work.commits - work.newest.length;
  const counted = work.changes.map(({ path, added, removed }) => ({
    path,
    counts: [`+${added}`, `−${removed}`] as const,
  }));
  const width = Math.max(...counted.map(({ counts }) => counts.join(" ").length), 0);
  return [
    [],
    cutSpans([["bold", `  ${describeWork(work)}`]], columns),
    ...work.newest.map((commit) => row(["plain", plainText(commit)])),
    ...(more > 0 ? [row(["dim", `and ${formatCount(more, "commit")} more`])] : []),
    ...(counted.length > 0 ? [[]] : []),
    ...counted.map(({ path, counts: [added, removed] }) =>
      row(
        ["plain", " ".repeat(width - added.length - removed.length - 1)],
        [added === "+0" ? "dim" : "good", added],
        ["plain", " "],
        [removed === "−0" ? "dim" : "bad", removed],
        ["plain", `  ${plainText(path)}`],
      )
    ),
    ...(work.files > counted.length
      ? [row(["dim", `and ${formatCount(work.files - counted.length, "file")} more`])]
      : []),
  ];
}

/** The same for a pipe or a file. */
export function workLines({ work }: Pick<RunProgress, "work">): readonly string[] {
  if (work === undefined) return [];
  return [`Committed    ${describeWork(work)}`, ...work.newest.map((commit) => `  ${plainText(commit)}`)];
}

/** What the run took and, if there were earlier runs, the whole session. */
export function totalsLines(progress: RunProgress, { before }: { readonly before: EarlierRuns }): readonly string[] {
  const { iterations, startedAtMs = 0, endedAtMs = 0, usage, guard, evidence } = progress;
  const run = [
    formatCount(iterations, "iteration"),
    ...describeEffort({ durationMs: endedAtMs - startedAtMs, usage }),
    ...(guard === "" ? [] : [plainText(guard, 120)]),
  ];
  const checks = plainText(describeEvidence(evidence), 1_000);
  const checked = checks === "" ? [] : [`Checks       ${checks}`];
  if (before.iterations === 0) return [run.join(" · "), ...checked];
  const costUsd = sessionCost(progress, before);
  const session = [
    formatCount(before.iterations + iterations, "iteration"),
    ...(costUsd === undefined ? [] : [formatCost(costUsd)]),
  ];
  return [`This run     ${run.join(" · ")}`, `The session  ${session.join(" · ")}`, ...checked];
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
