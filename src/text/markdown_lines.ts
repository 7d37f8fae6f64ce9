/**
 * Splits Markdown into lines with offsets and tells the document's own lines from quoted, fenced or commented ones, so
 * that no example is taken for the real thing and edits change nothing else.
 *
 * Follows CommonMark 0.31 for fences, HTML comments, quotes and the list items that contain them, except that headings
 * count only in their `#` form and end every list, and paragraphs are not tracked: a line ends each list item that it is
 * not indented for, even within a quote, and any list item may interrupt a paragraph. A test compares the rest with a
 * CommonMark parser.
 *
 * @module
 */

/** One line of a text; joining all `text + eol` gives the text again. */
export interface MarkdownLine {
  /** Without the line end. The first line includes a byte order mark. */
  readonly text: string;
  /** The index of the line in the whole text. */
  readonly start: number;
  /** The index of the line end. */
  readonly end: number;
  /** `"\n"`, `"\r\n"`, `"\r"`, or `""` for a last line without one. */
  readonly eol: string;
  /** False in quotes, fences and HTML comments, delimiters included. Indented code counts as plain. */
  readonly plain: boolean;
}

/** Splits a text into its lines. */
export function markdownLines(text: string): readonly MarkdownLine[] {
  return scan(text).lines;
}

/** The line that closes a fence or comment left open at the end; `undefined` if nothing is open. */
export function closingLine(text: string): string | undefined {
  return scan(text).closing;
}

/** A heading of level 1 to 6, without the marks. */
export interface Heading {
  readonly level: number;
  readonly title: string;
}

/** Reads a heading, unless it is quoted, fenced or indented by more than three columns. */
export function readHeading(line: MarkdownLine): Heading | undefined {
  return line.plain ? headingOf(withoutMark(line)) : undefined;
}

/** The width of a text, with tab stops every four columns as in Markdown. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += character === "\t" ? 4 - columns % 4 : 1;
  return columns;
}

/** The indentation of a line in columns. */
export function indentOf(text: string): number {
  return columnsOf(/^[ \t]*/.exec(text)?.[0] ?? "");
}

/** An open fence or comment. */
interface OpenBlock {
  /** The column of the list item that contains it; a line further left ends both. */
  readonly column: number;
  readonly closing: string;
  readonly isClosedBy: (line: string) => boolean;
}

function scan(text: string): { readonly lines: readonly MarkdownLine[]; readonly closing: string | undefined } {
  const lines: MarkdownLine[] = [];
  let block: OpenBlock | undefined;
  let items: readonly number[] = [];
  for (const { start, end, eol } of spans(text)) {
    const content = text.slice(start, end);
    const bare = withoutMark({ text: content, start });
    const blank = /^[ \t]*$/.test(bare);
    if (block !== undefined && !blank && indentOf(bare) < block.column) block = undefined;
    let plain = block === undefined;
    if (block !== undefined) {
      if (block.isClosedBy(bare)) block = undefined;
    } else if (headingOf(bare) !== undefined) {
      items = [];
    } else if (!blank) {
      const opened = openItems(bare, items);
      items = opened.items;
      plain = !/^(?:>|<!--)/.test(opened.rest);
      block = blockOpenedBy(opened.rest, items.at(-1) ?? 0);
      if (block !== undefined) plain = false;
    }
    lines.push({ text: content, start, end, eol, plain });
  }
  return { lines, closing: block?.column === 0 ? block.closing : undefined };
}

function* spans(text: string): Generator<{ readonly start: number; readonly end: number; readonly eol: string }> {
  let start = 0;
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    yield { start, end: match.index, eol: match[0] };
    start = match.index + match[0].length;
  }
  if (start < text.length) yield { start, end: text.length, eol: "" };
}

/** Closes the list items that a line is not indented for, and opens those it begins. */
function openItems(
  line: string,
  before: readonly number[],
): { readonly items: readonly number[]; readonly rest: string } {
  let column = indentOf(line);
  let rest = line.replace(/^[ \t]+/, "");
  const outside = before.findIndex((item) => item > column);
  const items = outside === -1 ? [...before] : before.slice(0, outside);
  while (column - (items.at(-1) ?? 0) <= 3) {
    const [all, mark = "", space = ""] = /^([-*+]|\d{1,9}[.)])([ \t]+|$)/.exec(rest) ?? [];
    if (all === undefined) return { items, rest };
    const afterMark = column + mark.length;
    const next = columnsOf(" ".repeat(afterMark % 4) + space) - afterMark % 4 + afterMark;
    // Five columns or more after the mark are one column of the item and indented code.
    items.push(next === afterMark || next - afterMark > 4 ? afterMark + 1 : next);
    column = next;
    rest = rest.slice(all.length);
  }
  return { items, rest: "" };
}

function blockOpenedBy(rest: string, column: number): OpenBlock | undefined {
  if (rest.startsWith("<!--")) {
    const closing = "-->";
    return rest.includes(closing) ? undefined : { column, closing, isClosedBy: (line) => line.includes(closing) };
  }
  const fence = /^(?:`{3,}(?=[^`]*$)|~{3,})/.exec(rest)?.[0];
  if (fence === undefined) return undefined;
  return {
    column,
    closing: fence,
    isClosedBy: (line) => indentOf(line) - column <= 3 && closes(fence, line.replace(/^[ \t]+/, "")),
  };
}

function closes(fence: string, line: string): boolean {
  const run = /^(`+|~+)[ \t]*$/.exec(line)?.[1] ?? "";
  return run.startsWith(fence);
}

function headingOf(line: string): Heading | undefined {
  const [all, marks = ""] = /^ {0,3}(#{1,6})(?=[ \t]|$)/.exec(line) ?? [];
  if (all === undefined) return undefined;
  return { level: marks.length, title: line.slice(all.length).trim().replace(/(?:^|[ \t])#+$/, "").trim() };
}

/** Removes the byte order mark of a text's first line. */
function withoutMark({ text, start }: Pick<MarkdownLine, "text" | "start">): string {
  return start === 0 && text.startsWith("\uFEFF") ? text.slice(1) : text;
}
