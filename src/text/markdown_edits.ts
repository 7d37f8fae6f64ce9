/**
 * Changes of single bytes in a Markdown text: values of `Key: value` lines, and lines that are added.
 *
 * @module
 */
import type { MarkdownLine } from "./markdown_lines.ts";

/** A `Key: value` line, in whatever decoration: `- Key: x`, `**Key:** x`, `* **Key**: x`, `**Key: x**`, `Key : x`. */
export interface KeyLine {
  /** The key in lower case with single spaces. */
  readonly key: string;
  /** The value, trimmed; empty where there is none. */
  readonly value: string;
  /** The indentation and list mark before it. */
  readonly lead: string;
  /** Writes another key and value in the same decoration. */
  readonly like: (key: string, value: string) => string;
  /** The change that puts another value in this one's place; needs to be one trimmed line. */
  readonly edit: (value: string) => Edit;
}

/** Every count is bounded, so that no line, however long, can make the match slow. */
const KEY_LINE =
  /^( {0,3}(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,16})?)(\*\*|__|[*_`])?([a-z]{1,20}(?:[ \t]{1,4}[a-z]{1,20})?)([ \t]{0,8}(?:\2[ \t]{0,8}:|:\2|:))/i;

/** Reads a line as `Key: value`; keys are one or two words. */
export function readKeyLine(line: MarkdownLine): KeyLine | undefined {
  const match = line.plain ? KEY_LINE.exec(line.text) : null;
  if (match === null) return undefined;
  const [before = "", lead = "", mark = "", key = "", colon = ""] = match;
  const closing = colon.includes(mark) ? "" : mark;
  const after = line.text.slice(before.length);
  const rest = after.trimEnd();
  if (!rest.endsWith(closing)) return undefined;
  const body = rest.slice(0, rest.length - closing.length);
  const value = body.trim();
  const empty = closing === "" ? after : body;
  const gap = value === "" ? Math.min(1, empty.length) : body.length - body.trimStart().length;
  const start = line.start + before.length + gap;
  const spaced = (next: string) => next === "" ? "" : ` ${next}`;
  return {
    key: key.replace(/[ \t]+/g, " ").toLowerCase(),
    value,
    lead,
    like: (nextKey, next) => lead + mark + nextKey + colon + spaced(next) + closing,
    edit: (next) => ({
      start,
      end: start + value.length,
      text: gap === 0 && (value === "" || closing !== "") ? spaced(next) : next,
    }),
  };
}

/** One change of a text: what stands from `start` to `end` becomes `text`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Makes changes that do not overlap; those at one place are made in the order given. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let done = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return result + text.slice(done);
}

/** The change that puts lines below a line, with its line end, or `eol` where it has none. */
export function insertBelow(
  line: MarkdownLine,
  inserted: readonly string[],
  { eol }: { readonly eol: string },
): Edit {
  const at = line.end + line.eol.length;
  const text = line.eol === ""
    ? inserted.map((added) => eol + added).join("")
    : inserted.map((added) => added + line.eol).join("");
  return { start: at, end: at, text };
}

/** The line end that goes with the end of a text: the last one in it, `"\n"` where it has none. */
export function lineEnding(lines: readonly MarkdownLine[]): string {
  return lines.findLast((line) => line.eol !== "")?.eol ?? "\n";
}
