/**
 * The notebook `_overview.md`: a document of agents and people, in which the program reads and writes only a few lines.
 *
 * @module
 */
import { applyEdits, insertBelow, type KeyLine, lineEnding, readKeyLine } from "../text/markdown_edits.ts";
import {
  closingLine,
  columnsOf,
  indentOf,
  type MarkdownLine,
  markdownLines,
  readHeading,
} from "../text/markdown_lines.ts";
import type { Phase } from "./phases.ts";

/** The keys of the Status section, in the order of a new notebook. */
export const STATUS_KEYS = [
  "Phase",
  "Iteration",
  "Total Iterations",
  "Blocked",
  "Quality Iteration",
  "Last Action",
  "Next",
] as const;

/** A key of the Status section. */
export type StatusKey = (typeof STATUS_KEYS)[number];

/**
 * Reads the first `## Status` section. Of a repeated key the first counts; a key without a value reads as `""`, and
 * control characters in a value as spaces.
 */
export function readStatus(text: string): Readonly<Partial<Record<StatusKey, string>>> {
  const status: Partial<Record<StatusKey, string>> = {};
  for (const { key, line } of findStatus(markdownLines(text))?.entries ?? []) status[key] ??= oneLine(line.value);
  return status;
}

/**
 * Changes values in the Status section and leaves every other byte. A missing key is added below the last one, in its
 * style and with its line ending; a missing section is added at the end.
 *
 * @param changes The new values. Line breaks and control characters in them become spaces.
 */
export function updateStatus(
  text: string,
  changes: Readonly<Partial<Record<StatusKey, string | number>>>,
): string {
  const wanted = STATUS_KEYS.flatMap((key) => {
    const value = changes[key];
    return value === undefined ? [] : [{ key, value: oneLine(String(value)) }];
  });
  if (wanted.length === 0) return text;
  const lines = markdownLines(text);
  const status = findStatus(lines);
  if (status === undefined) return withStatus(text, wanted.map(({ key, value }) => plainLine(key, value)));
  const edits = [];
  const missing = [];
  for (const { key, value } of wanted) {
    const line = status.entries.find((entry) => entry.key === key)?.line;
    if (line === undefined) missing.push((status.entries.at(-1)?.line.like ?? plainLine)(key, value));
    else if (oneLine(line.value) !== value) edits.push(line.edit(value));
  }
  if (missing.length > 0) edits.push(insertBelow(status.last, missing, { eol: lineEnding(lines) }));
  return applyEdits(text, edits);
}

/** The keys that the program writes. */
const OWN_KEYS = ["Phase", "Iteration", "Total Iterations", "Blocked", "Quality Iteration"] as const;

/**
 * What agents and people wrote, for a comparison: each line once and in order of the alphabet, without the program's
 * values and without stamps, so that a sentence that is only said again is nothing new.
 */
export function wordsOfOthers(text: string): string {
  const mute = updateStatus(text, Object.fromEntries(OWN_KEYS.map((key) => [key, ""])));
  const lines = mute.split(/\r\n|\r|\n/).map((line) => line.replace(/\[\d{1,6} @ [^\]]{0,40}\]/, "").trim());
  return [...new Set(lines)].sort().join("\n");
}

/** The content of a new notebook. */
export interface NewNotebook {
  readonly name: string;
  readonly task: string;
  /** What to look into first; may be empty. */
  readonly dive: string;
  readonly workplacePath: string;
  readonly branch: string | undefined;
  /** What a person should know about the workplace; may be empty. */
  readonly note: string;
  /** What is special about its way; may be empty. */
  readonly route?: string;
  /** What it did before this task; may be empty. */
  readonly earlier?: string;
  /** The time stamp of the Flow Log's first line, as `iterationStamp` makes it. */
  readonly stamp: string;
  readonly phase: Phase;
}

/** Writes a new notebook. Task and dive topic are quoted, so that nothing in them can pose as structure. */
export function newNotebook(notebook: NewNotebook): string {
  const { name, task, dive, workplacePath, branch, note, route = "", earlier = "", stamp, phase } = notebook;
  const facts = { Note: note, Route: route, Earlier: earlier };
  return [
    `# Session: ${oneLine(name)}`,
    "",
    `Working Dir: ${oneLine(workplacePath)}`,
    ...(branch === undefined ? [] : [`Branch: ${oneLine(branch)}`]),
    ...Object.entries(facts).flatMap(([key, text]) => oneLine(text) === "" ? [] : [`${key}: ${oneLine(text)}`]),
    "",
    "## Task",
    ...quoted(task.trim() === "" ? "(none given)" : task),
    "",
    ...(dive.trim() === "" ? [] : ["## Dive topic", ...quoted(dive), ""]),
    "## Status",
    `Phase: ${phase}`,
    "Iteration: 0",
    "Total Iterations: 0",
    "Blocked: no",
    "Quality Iteration: 0",
    "Last Action: Session prepared",
    `Next: Start the ${phase} phase`,
    "",
    "## Flow Log",
    `- ${oneLine(stamp)} Session prepared`,
    "",
    "## Files",
    "(none yet)",
    "",
  ].join("\n");
}

interface StatusSection {
  readonly entries: readonly { readonly key: StatusKey; readonly line: KeyLine }[];
  /** The line below which a key is added. */
  readonly last: MarkdownLine;
}

function findStatus(lines: readonly MarkdownLine[]): StatusSection | undefined {
  const start = lines.findIndex((line) => {
    const heading = readHeading(line);
    return heading?.level === 2 && /^status:?$/i.test(heading.title);
  });
  let last = lines[start];
  if (last === undefined) return undefined;
  const entries = [];
  let textColumn = Infinity;
  for (const line of lines.slice(start + 1)) {
    const heading = readHeading(line);
    if (heading !== undefined && heading.level <= 2) break;
    const keyLine = readKeyLine(line);
    const key = STATUS_KEYS.find((name) => name.toLowerCase() === keyLine?.key);
    if (keyLine !== undefined && key !== undefined) {
      entries.push({ key, line: keyLine });
      last = line;
      textColumn = textColumnOf(keyLine);
    } else if (heading === undefined && continues(line, textColumn)) {
      last = line;
    } else {
      textColumn = Infinity;
    }
  }
  return { entries, last };
}

/** The column from which a line belongs to the key above, so that no new key is put between the two. */
function textColumnOf({ lead }: KeyLine): number {
  return lead.trim() === "" ? lead.length + 1 : columnsOf(lead);
}

function continues(line: MarkdownLine, textColumn: number): boolean {
  if (!line.plain || !/^[ \t]+(?![-*+][ \t]|\d{1,9}[.)][ \t])\S/.test(line.text)) return false;
  return indentOf(line.text) >= textColumn;
}

function withStatus(text: string, status: readonly string[]): string {
  const lines = markdownLines(text);
  const eol = lineEnding(lines);
  const closing = closingLine(text);
  const added = ["## Status", ...status].map((line) => line + eol).join("");
  if (text === "" || text === "\uFEFF") return text + added;
  const last = lines.at(-1);
  const lineEnd = last?.eol === "" ? eol : "";
  const close = closing === undefined ? "" : closing + eol;
  const gap = close === "" && last?.text.trim() === "" ? "" : eol;
  return text + lineEnd + close + gap + added;
}

function plainLine(key: string, value: string): string {
  return value === "" ? `${key}:` : `${key}: ${value}`;
}

function quoted(text: string): readonly string[] {
  return text.trim().split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => `> ${line.replace(/(?!\t)\p{Cc}/gu, " ")}`.trimEnd());
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}
