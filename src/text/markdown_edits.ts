/**
 * Small edits of a Markdown text: values of `Key: value` lines, and added lines.
 *
 * @module
 */
import type { MarkdownLine } from "./markdown_lines.ts";

/** A `Key: value` line in any style: `- Key: x`, `**Key:** x`, `* **Key**: x`, `**Key: x**`, `Key : x`. */
export interface KeyLine {
  /** The key in lower case with single spaces. */
  readonly key: string;
  /** Trimmed. */
  readonly value: string;
  /** The indentation and list mark before the key. */
  readonly lead: string;
  /** Formats another key and value in the same style. */
  readonly like: (key: string, value: string) => string;
  /** Replaces the value with one trimmed line. */
  readonly edit: (value: string) => Edit;
}

/** All repetitions are bounded, so that no line can make the match slow. */
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

/** Replaces the text from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits that do not overlap; several at one place keep their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let done = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return result + text.slice(done);
}

/** Inserts lines below a line, with its line end, or `eol` if it has none. */
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

/** The last line end of a text, or `"\n"` if it has none. */
export function lineEnding(lines: readonly MarkdownLine[]): string {
  return lines.findLast((line) => line.eol !== "")?.eol ?? "\n";
}
