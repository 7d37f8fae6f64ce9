/**
 * The lines at the bottom of a terminal: the state of a session and, once a run ends, how it ended, what it took, and
 * what to do now. Nothing is written here.
 *
 * @module
 */
import { formatCost, formatCount } from "../text/format.ts";
import { AGENT_PHASES, type Phase, PHASES } from "../workflow/phases.ts";
import { type EarlierRuns, type RunProgress, sessionCost } from "./run_progress.ts";
import { cutSpans, type Row, type Span, spansWidth, type Style } from "./screen.ts";
import { cutToWidth, displayWidth, plainText, wrapToWidth } from "../text/terminal_text.ts";
import type { Outcome } from "../workflow/run_events.ts";
import type { SessionState } from "../workflow/snapshot.ts";
import { describeEvidence } from "../messages/describe_checks.ts";
import { describeEffort } from "../messages/describe_usage.ts";
import { describeOutcome } from "../messages/describe_outcome.ts";
import { describeWork } from "../messages/describe_work.ts";
import { describeDoing, describeFigures, type NextSteps, type SessionView } from "../messages/describe_view.ts";

/** What the lines show, and where. */
export interface LiveAreaView {
  readonly columns: number;
  readonly nowMs: number;
  readonly nextSteps: () => NextSteps;
}

/** No more than this many commands are shown. */
const MAX_STEPS = 3;

/** Draws the lines; none is wider than `columns`. */
export function liveArea(session: SessionView, { columns, nowMs, nextSteps }: LiveAreaView): readonly Row[] {
  const steps = session.state === "running" ? [] : nextSteps().commands.slice(0, MAX_STEPS);
  return [
    [["dim", "─".repeat(Math.max(0, columns))]],
    [["plain", " "], ...phaseStepper(session.phase, columns - 2)],
    doingRow(session, { columns, nowMs }),
    ...describeFigures(session, nowMs).flatMap((parts) => flow(parts, columns - INDENT.length))
      .map((text): Row => cutSpans([["dim", INDENT + text]], columns)),
    ...steps.flatMap((step) => commandRows(step, columns)),
  ];
}

/** A command that is too long for a row goes on below: cut, nobody could type it. */
function commandRows(command: string, columns: number): readonly Row[] {
  return wrapToWidth(plainText(command), columns - NEXT.length)
    .map((text, index) => cutSpans([["dim", index === 0 ? NEXT : " ".repeat(NEXT.length)], ["plain", text]], columns));
}

const INDENT = "   ";
const NEXT = "   next  ";

const MARKS: Readonly<Record<SessionState, readonly [mark: string, style: Style]>> = {
  running: ["▸", "now"],
  queued: ["○", "now"],
  ready: ["◇", "now"],
  waiting: ["◆", "due"],
  blocked: ["■", "bad"],
  done: ["✓", "good"],
  failed: ["✗", "bad"],
  stopped: ["■", "warn"],
  crashed: ["✗", "bad"],
};

/** The clocks are always seen: what goes on is cut before them. */
function doingRow(session: SessionView, { columns, nowMs }: Pick<LiveAreaView, "columns" | "nowMs">): Row {
  const [mark, style] = MARKS[session.state];
  const { what, clocks, before } = describeDoing(session, nowMs);
  const time = clocks.map((clock) => ` · ${clock}`).join("");
  const room = Math.max(8, columns - INDENT.length - displayWidth(time));
  const aside: readonly Span[] = before === "" ? [] : [["dim", ` · ${before}`]];
  return cutSpans([
    [style, ` ${mark} `],
    [session.state === "running" ? "plain" : style, cutToWidth(what, room)],
    ["dim", time],
    ...aside,
  ], columns);
}

/** Puts parts into as few rows as they fit in, one that is too long for a row cut. */
function flow(parts: readonly string[], columns: number): readonly string[] {
  const rows: string[] = [];
  for (const part of parts) {
    const longer = `${rows.at(-1) ?? ""} · ${part}`;
    if (rows.length > 0 && displayWidth(longer) <= columns) rows[rows.length - 1] = longer;
    else rows.push(cutToWidth(part, columns));
  }
  return rows;
}

interface Form {
  readonly between: string;
  readonly name: (phase: Phase, isCurrent: boolean) => string;
}

const onlyCurrent: Form["name"] = (phase, isCurrent) => isCurrent ? phase : "";

/** Longest form first: all names in full, the others short, the others as marks only, and those close together. */
const FORMS: readonly Form[] = [
  { between: " ─ ", name: (phase) => phase },
  { between: " ─ ", name: (phase, isCurrent) => isCurrent ? phase : PHASES[phase].short },
  { between: " ─ ", name: onlyCurrent },
  { between: " ", name: onlyCurrent },
];

/** Draws `✓ investigation ─ ● requirements ─ ○ planning …` in the longest form that fits. */
export function phaseStepper(phase: Phase | undefined, columns: number): readonly Span[] {
  const forms = FORMS.map((form) => drawPhases(phase, form));
  const shortest = forms.at(-1) ?? [];
  return forms.find((spans) => spansWidth(spans) <= columns) ?? cutSpans(shortest, columns);
}

function drawPhases(current: Phase | undefined, { between, name }: Form): readonly Span[] {
  const position = AGENT_PHASES.findIndex((phase) => phase === current);
  return AGENT_PHASES.flatMap((phase, index): readonly Span[] => {
    const gap: Span = ["dim", index === 0 ? "" : between];
    const label = name(phase, index === position);
    const text = label === "" ? "" : ` ${label}`;
    if (index < position) return [gap, ["good", "✓"], ["plain", text]];
    if (index === position) return [gap, ["now", `●${text}`]];
    return [gap, ["dim", `○${text}`]];
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

/** What the block shows besides what the run took. */
export interface ClosingView {
  readonly columns: number;
  readonly sessionName: string;
  readonly before: EarlierRuns;
  readonly nextSteps: NextSteps;
}

/** Draws the block. */
export function closingBlock(
  outcome: Outcome,
  progress: RunProgress,
  view: ClosingView,
): readonly (readonly Span[])[] {
  const columns = Math.min(view.columns, MAX_COLUMNS);
  const [mark, style] = LOOKS[outcome.kind];
  const { title, text } = describeOutcome(outcome, (raw) => plainText(raw, 2000));
  const heading = ` ${mark} ${title.toUpperCase()} · `;
  const rule = "━".repeat(Math.max(0, columns - displayWidth(`━━${heading}${view.sessionName} `)));
  const indented = (look: Style, row: string): readonly Span[] => [[look, `  ${row}`]];
  const wrapped = (row: string): readonly string[] => wrapToWidth(row, columns - 2);
  const { documents, commands } = view.nextSteps;
  const steps = [...documents, ...commands];
  const next = steps.length === 0 ? [] : [
    [],
    indented("bold", "Next"),
    // Not wrapped, so that a command can be copied.
    ...steps.map((step) => indented("plain", `  ${plainText(step)}`)),
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
