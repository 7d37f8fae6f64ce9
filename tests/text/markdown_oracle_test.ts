/**
 * The Markdown scanner against a CommonMark parser, on documents like those that agents and people write.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fromMarkdown } from "mdast-util-from-markdown";
import { markdownLines, readHeading } from "../../src/text/markdown_lines.ts";

/** What a line is: a heading's level; `|` in a fence, comment or quote; else nothing. */
type LineKinds = readonly string[];

/** What is used of the parser's nodes. */
interface Node {
  readonly type: string;
  readonly depth?: number;
  readonly value?: string;
  readonly children?: readonly Node[];
  readonly position?: { readonly start: Point; readonly end: Point } | undefined;
}

interface Point {
  readonly line: number;
  readonly column: number;
}

function scanned(text: string): LineKinds {
  return markdownLines(text).map((line) =>
    line.plain || line.text.trim() === "" ? String(readHeading(line)?.level ?? "") : "|"
  );
}

/** What the parser says; `undefined` where the document has one of the things that the scanner does not promise. */
function parsed(text: string): LineKinds | undefined {
  const lines = text.replace(/\n$/, "").split("\n");
  const kinds = lines.map(() => "");
  let isPromised = true;
  const visit = ({ type, depth, value = "", children = [], position }: Node): void => {
    if (position === undefined) return;
    const { start, end } = position;
    const rows = lines.slice(start.line - 1, end.line - (end.column === 1 ? 1 : 0));
    const mark = () => kinds.fill("|", start.line - 1, start.line - 1 + rows.length);
    if (type === "paragraph") {
      // Lazy continuation, and what would begin a block elsewhere.
      const isOdd = (line: string) =>
        /^[ \t]*(?:[-*+]|\d+[.)]|>|<!--|```|~~~)/.test(line) || line.search(/\S/) < start.column - 1;
      if (rows.slice(1).some(isOdd)) isPromised = false;
    } else if (type === "heading") kinds[start.line - 1] = String(depth);
    else if (type === "html" && value.trimStart().startsWith("<!--")) mark();
    else if (type === "code") {
      // Indented code begins with its indentation.
      if (/^(?:```|~~~)/.test(rows[0]?.slice(start.column - 1) ?? "")) mark();
      // Unlike CommonMark, the parser lets no list but one from 1 follow it at once.
      else if (/^ *10\)/.test(lines[end.line] ?? "")) isPromised = false;
    } else if (type === "blockquote") {
      mark();
      const isLazy = (line: string) =>
        !/^[ \t]*>/.test(line) || line.search(/\S/) < start.column - 1 ||
        line.search(/\S/) > start.column + 2;
      if (rows.slice(1).some(isLazy)) isPromised = false;
    }
    if (type !== "paragraph" && type !== "blockquote") children.forEach(visit);
  };
  visit(fromMarkdown(text));
  // Whether a blank line is the end of a list item or of the fence in it makes no difference.
  return isPromised ? kinds.map((kind, row) => lines[row]?.trim() === "" ? "" : kind) : undefined;
}

const LINES = [
  ...[
    "",
    "",
    "",
    "text",
    "more text",
    "**Phase:** testing",
    "## Status",
    "# T",
    "- item",
    "* [ ] box",
    "1. one",
    "10) ten",
  ],
  ...[
    "```",
    "```ts",
    "~~~",
    "````",
    "- ```",
    "1. ~~~ sh",
    "<!-- note -->",
    "<!--",
    "-->",
    "- <!-- note",
    "> quote",
    "- > q",
  ],
] as const;

/** Documents that are the same in every run. */
function* documents(count: number): Generator<string> {
  let state = 7;
  const oneOf = <T>(items: readonly [T, ...T[]]): T => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return items[Math.floor(state / 2 ** 32 * items.length)] ?? items[0];
  };
  for (let made = 0; made < count; made++) {
    const length = oneOf([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    yield Array.from({ length }, () => {
      const line = oneOf(LINES);
      // An indented heading is none to the scanner, or ends a list.
      return line.startsWith("#") ? line : " ".repeat(oneOf([0, 0, 0, 2, 3, 4, 6])) + line;
    }).join("\n") + "\n";
  }
}

Deno.test("markdownLines() and readHeading() agree with a CommonMark parser", () => {
  let compared = 0;
  const different: string[] = [];
  for (const text of documents(10_000)) {
    const expected = parsed(text);
    if (expected === undefined) continue;
    compared++;
    const actual = scanned(text);
    if (JSON.stringify(actual) === JSON.stringify(expected)) continue;
    different.push(
      text.split("\n").map((line, row) => `${actual[row] || "."} ${expected[row] || "."} ${line}`).join("\n"),
    );
  }
  assert.deepEqual(different.slice(0, 12), [], `${different.length} of ${compared}`);
  assert.ok(compared > 5_000, String(compared));
});
