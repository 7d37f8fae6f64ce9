/**
 * A diff of git as HTML, file by file: what an agent changed, which executes nothing and hides nothing.
 *
 * Each file's HTML is a table of lines, styled by `.diff`, its rows `.d2h-ins`, `.d2h-del`, `.d2h-cntx` and `.d2h-info`
 * (the beginning of a hunk), with `<ins>` and `<del>` around the words that changed.
 *
 * @module
 */
import { cutText } from "../text/cut_text.ts";
import { plainBlock } from "../text/terminal_text.ts";

/** One file of a diff. */
export interface RenderedFile {
  readonly path: string;
  readonly added: number;
  readonly removed: number;
  /** The changes; empty if there is nothing to show line by line. */
  readonly html: string;
  /** What is not shown, or cannot be, in words; empty if all is. */
  readonly left: string;
}

/** How much of it to render. */
export interface DiffLimits {
  /** Lines of one file. */
  readonly fileLines?: number;
  /** Lines of all files; those behind them are counted only. */
  readonly lines?: number;
}

/** Of a line, in UTF-16 units. */
const MAX_LINE = 2_000;

const CONFIG = {
  drawFileList: false,
  outputFormat: "line-by-line",
  // To look for the likeliest pairs of lines takes 40 s for a hostile diff of 2 MB, and longer lines take a minute.
  matching: "none",
  maxLineLengthHighlight: 200,
  // The library's own leave the first letters of a line of a merge's diff unescaped.
  rawTemplates: {
    "generic-wrapper": "{{{content}}}",
    "line-by-line-file-diff": "{{{diffs}}}",
    "generic-line":
      '<tr class="{{type}}"><td>{{line.oldNumber}}</td><td>{{line.newNumber}}</td><td>{{prefix}}{{{content}}}</td></tr>',
    "generic-block-header": '<tr class="d2h-info"><td></td><td></td><td>{{{blockHeader}}}</td></tr>',
    "generic-empty-diff": "",
    "line-by-line-numbers": "",
    "generic-file-path": "",
  },
} as const;

/** Renders a diff. The library is loaded when it is first needed. */
export async function renderDiff(
  text: string,
  { fileLines = 1_000, lines = 5_000 }: DiffLimits = {},
): Promise<readonly RenderedFile[]> {
  const { html, parse } = await import("diff2html");
  let room = lines;
  return sectionsOf(text).map(({ head, hunks }) => {
    const added = hunks.filter((line) => line.startsWith("+")).length;
    const removed = hunks.filter((line) => line.startsWith("-")).length;
    const shown = hunks.slice(0, Math.min(fileLines, room));
    room -= shown.length;
    // The parser looks two lines ahead.
    const [file] = parse([...head, ...shown, "", ""].join("\n"));
    const names = [file?.newName, file?.oldName].map((name) => name ?? "");
    const path = names.find((name) => name !== "" && name !== "/dev/null") ?? nameIn(head);
    // The template escapes the space that the library writes before what has not changed.
    const rows = file === undefined || shown.length === 0
      ? ""
      : html([file], CONFIG).replaceAll("<td>&amp;nbsp;", "<td> ");
    return {
      path,
      added,
      removed,
      html: rows === "" ? "" : `<table class="diff"><tbody>${rows}</tbody></table>`,
      left: leftOf({ head, count: hunks.length - shown.length, isEmpty: hunks.length === 0 }),
    };
  });
}

function leftOf(
  { head, count, isEmpty }: { readonly head: readonly string[]; readonly count: number; readonly isEmpty: boolean },
): string {
  if (count > 0) return `${count.toLocaleString("en")} more lines are not shown`;
  if (!isEmpty) return "";
  if (head.some((line) => /^(?:Binary files |GIT binary patch)/.test(line))) return "A binary file";
  const told = head.filter((line) => /^(?:rename|copy|old mode|new mode|new file|deleted file)/.test(line));
  return told.join(", ") || "Nothing to show";
}

interface Section {
  readonly head: string[];
  readonly hunks: string[];
}

/** Git writes fewer lines before the first hunk. */
const MAX_HEAD = 20;

/** The beginning of a hunk, in a merge's diff, too. The parser complains of others on stderr. */
const HUNK = /^(?:@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@|@@@ -\d+(?:,\d+)? -\d+(?:,\d+)? \+\d+(?:,\d+)? @@@)/;

/** A line of a file's content has a character before it, so only git's own lines begin a file or a hunk. */
function sectionsOf(text: string): readonly Section[] {
  const sections: Section[] = [];
  for (const raw of text.split("\n")) {
    const line = cutText(plainBlock(raw.replace(/[\v\f\r\u0085\u2028\u2029]/g, "␍")), MAX_LINE);
    const current = sections.at(-1);
    if (/^diff --(?:git|cc|combined) /.test(line)) sections.push({ head: [line], hunks: [] });
    else if (current === undefined) continue;
    else if (HUNK.test(line)) current.hunks.push(line);
    else if (current.hunks.length === 0) {
      if (!line.startsWith("@@") && current.head.length < MAX_HEAD) current.head.push(line);
    } else if (/^[-+ ]/.test(line)) current.hunks.push(line);
  }
  return sections;
}

function nameIn([first = ""]: readonly string[]): string {
  return first.replace(/^diff --\S+ /, "");
}
