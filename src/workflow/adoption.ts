/**
 * Sessions that were started by hand or by another program: what their notebook says, and where samocode adopts them.
 *
 * @module
 */
import { readKeyLine } from "../text/markdown_edits.ts";
import { type MarkdownLine, markdownLines, readHeading } from "../text/markdown_lines.ts";
import { gateOpenedBy, gateRule } from "./gates.ts";
import type { History } from "./history.ts";
import { readStatus } from "./notebook.ts";
import { isPreparation, type Phase, phaseBefore, PHASES, readPhase } from "./phases.ts";

/** What a notebook says about its session. All of it may be an agent's word. */
export interface HandNotes {
  readonly phase: Phase | undefined;
  readonly task: string;
  readonly dive: string;
  /** The number of iterations so far; 0 where it says none, or one that is no count. */
  readonly iterations: number;
  readonly iterationsInVisit: number;
  readonly qualityIterations: number;
  readonly lastAction: string;
  /** As it is written there; `undefined` if no line names one. */
  readonly directory: string | undefined;
  readonly branch: string | undefined;
}

/** Said in place of a task that nobody wrote down. */
const NO_TASK = "Go on with what the notebook and the documents that it lists say";

/** Reads a notebook. `signals` is how many signals the history of signals has, for one without a total. */
export function readHandNotes(text: string, { signals = 0 }: { readonly signals?: number } = {}): HandNotes {
  const lines = markdownLines(text);
  const status = readStatus(text);
  const phase = readPhase(status.Phase ?? "");
  const visit = countIn(status.Iteration) ?? 0;
  const dive = textBelow(lines, /^dive topic$/i);
  const task = textBelow(lines, /^task$/i);
  return {
    phase,
    task: task === "" && dive === "" ? NO_TASK : task,
    dive,
    iterations: countIn(status["Total Iterations"]) ?? Math.max(visit, signals),
    // The original counts there all iterations of the session.
    iterationsInVisit: phase !== undefined && visit <= PHASES[phase].maxIterations ? visit : 0,
    qualityIterations: countIn(status["Quality Iteration"]) ?? 0,
    lastAction: status["Last Action"] ?? "",
    directory: named(lines, "worktree", "working dir", "working directory"),
    branch: named(lines, "branch")?.split(/\s/)[0],
  };
}

/** How many signals a history of signals has, whoever wrote it. */
export function countSignals(text: string): number {
  return Math.min(MAX_COUNT, text.split("\n").filter((line) => /^\s*\{.*"status":/.test(line)).length);
}

/**
 * Where a session begins that was adopted in a phase. What comes behind the gate of a plan begins at that gate, and goes
 * on in its phase once a person has approved the plan.
 */
export function whereAdopted(found: Phase): Pick<History, "phase" | "owed" | "hasBuilt"> {
  const hasBuilt = !isPreparation(found);
  const phase = hasBuilt ? phaseBefore(gateOpenedBy("approve")) : found;
  const { gate, next } = PHASES[phase];
  if (gate === undefined) return { phase, owed: undefined, hasBuilt };
  const wants = !gateRule(gate).endsPhase ? undefined : hasBuilt ? found : next[0];
  return { phase, owed: { for: gate, gate, wants }, hasBuilt };
}

/** Tells whether nothing follows a phase: a session that is there has nothing to go on with. */
export function isEnd(phase: Phase): boolean {
  return PHASES[phase].next.length === 0;
}

/** More is no count of anything that happened. */
const MAX_COUNT = 99_999;

function countIn(value = ""): number | undefined {
  return /^\d{1,5}$/.test(value) ? Number(value) : undefined;
}

/** The value of the first of these keys that stands above the first section or in the Status. */
function named(lines: readonly MarkdownLine[], ...keys: readonly string[]): string | undefined {
  let isRead = true;
  const found = new Map<string, string>();
  for (const line of lines) {
    const heading = readHeading(line);
    if (heading?.level === 2) isRead = /^status:?$/i.test(heading.title);
    const keyLine = isRead ? readKeyLine(line) : undefined;
    // People quote paths and branches.
    const value = keyLine?.value.replace(/\p{Cc}+/gu, " ").replace(/^(["'`])(.+?)\1.*$/, "$2").trim() ?? "";
    if (keyLine !== undefined && value !== "" && !found.has(keyLine.key)) found.set(keyLine.key, value);
  }
  return keys.map((key) => found.get(key)).find((value) => value !== undefined);
}

/** The text of the first section with that title, out of its quote. */
function textBelow(lines: readonly MarkdownLine[], title: RegExp): string {
  const start = lines.findIndex((line) => {
    const heading = readHeading(line);
    return heading?.level === 2 && title.test(heading.title);
  });
  if (start === -1) return "";
  const end = lines.findIndex((line, index) => index > start && (readHeading(line)?.level ?? 3) <= 2);
  const own = lines.slice(start + 1, end === -1 ? undefined : end).map(({ text }) => text);
  const isQuoted = own.every((text) => /^ {0,3}>|^\s*$/.test(text));
  return (isQuoted ? own.map((text) => text.replace(/^ {0,3}> ?/, "")) : own).join("\n").trim()
    .replace(/^\(none given\)$/, "");
}
