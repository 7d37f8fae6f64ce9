/**
 * Renders Markdown for a terminal. Everything in it is shown, comments and links too: a person approves what they read,
 * and an agent reads it all.
 *
 * @module
 */
import { type MarkdownLine, markdownLines, readHeading } from "./markdown_lines.ts";
import { cutToWidth, displayWidth, paint, plainBlock, wrapToWidth } from "./terminal_text.ts";

/** How to render. */
export interface MarkdownView {
  readonly columns: number;
  readonly color: boolean;
}

/** A list item's mark, with its checkbox. */
const ITEM = /^( *)([-*+]|\d{1,9}[.)]) +(?:\[([ xX])\](?: +|$))?/;

/** What people write below each other and mean as lines: options, `**Key:** value`. */
const STARTS = /^ *(?:[A-Z]\) |\*\*|__)/;

/** Renders a text as rows no wider than `columns`. Unsafe and invisible characters are removed. */
export function renderMarkdown(text: string, view: MarkdownView): readonly string[] {
  const rows: string[] = [];
  let prose: { readonly lead: string; text: string } | undefined;
  const flush = (): void => {
    if (prose !== undefined) rows.push(...renderProse(prose.lead, prose.text, view));
    prose = undefined;
  };
  const clean = plainBlock(text).replaceAll("\t", "    ").trim();
  for (const line of markdownLines(clean)) {
    const kind = kindOf(line);
    if (kind === "prose" && prose !== undefined && !STARTS.test(line.text)) {
      prose.text += ` ${line.text.trim()}`;
      continue;
    }
    flush();
    if (kind === "prose") prose = { lead: /^ */.exec(line.text)?.[0] ?? "", text: line.text.trim() };
    else if (kind === "item") prose = itemOf(line.text, view.color);
    else if (kind === "heading") {
      rows.push(...wrapped("", line.text.trim(), view).map((row) => paint("bold", row, view.color)));
    } else {rows.push(
        ...verbatim(line.text, view).map((row) => paint(kind === "code" ? "cyan" : "dim", row, view.color)),
      );}
  }
  flush();
  return rows;
}

/** How many characters of a text cannot be seen, apart from those that emoji are made of. */
export function countHidden(text: string): number {
  const given = text.toWellFormed().replace(/\r\n|[\v\f\u0085\u2028\u2029]/g, "\n").replace(
    /[\ufe0e\ufe0f\u200d]|^\ufeff/g,
    "",
  );
  return [...given].length - [...plainBlock(given)].length;
}

type Kind = "heading" | "item" | "prose" | "code" | "quiet";

function kindOf(line: MarkdownLine): Kind {
  const { text, plain } = line;
  if (!plain) return /^ *(?:>|<!--)/.test(text) ? "quiet" : "code";
  if (readHeading(line) !== undefined) return "heading";
  if (/^ *(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,}|=+)$/.test(text) || text.trim() === "") return "quiet";
  if (/^ *\|/.test(text)) return "code";
  return ITEM.test(text) ? "item" : "prose";
}

function itemOf(text: string, color: boolean): { readonly lead: string; text: string } {
  const [all = "", indent = "", mark = "", state] = ITEM.exec(text) ?? [];
  const bullet = /^[-*+]$/.test(mark) ? "•" : mark;
  const box = state === undefined ? "" : state === " " ? "[ ] " : paint("green", "[x]", color) + " ";
  return {
    lead: `${indent}${state === undefined || bullet !== "•" ? `${bullet} ` : ""}${box}`,
    text: text.slice(all.length),
  };
}

function renderProse(lead: string, text: string, view: MarkdownView): readonly string[] {
  return wrapped(lead, text, view).map((row) => view.color ? emphasized(row) : row);
}

/** Wraps a text; the rows after the first are aligned with it. */
function wrapped(indented: string, text: string, { columns }: MarkdownView): readonly string[] {
  // However deep a list is, it needs room for its text.
  const lead = displayWidth(withoutStyles(indented)) > columns - 12 ? indented.trimStart() : indented;
  const width = displayWidth(withoutStyles(lead));
  // Breaking one endless word takes time that grows with its square.
  return wrapToWidth(text.replace(/ {2,}/g, " ").replace(/\S{1000}/g, "$& "), columns - width)
    .map((row, index) => (index === 0 ? lead : " ".repeat(width)) + row);
}

function withoutStyles(text: string): string {
  // deno-lint-ignore no-control-regex -- what paint() writes
  return text.replace(/\u001b\[\d+m/g, "");
}

/** Breaks a line anywhere, and keeps its spaces. */
function verbatim(line: string, view: MarkdownView): readonly string[] {
  return (line.trimEnd().match(/.{1,1000}/gsu) ?? [""]).flatMap((piece) => broken(piece, view));
}

function broken(piece: string, { columns }: MarkdownView): readonly string[] {
  const rows: string[] = [];
  let rest = piece;
  while (displayWidth(rest) > columns) {
    const row = cutToWidth(rest, columns + 1).slice(0, -1) || rest.slice(0, 1);
    rows.push(row);
    rest = rest.slice(row.length);
  }
  return [...rows, rest];
}

function emphasized(row: string): string {
  return row.replace(
    /\*\*(?=\S)(.+?\S|\S)\*\*|`([^`]+)`/g,
    (_, bold?: string, code?: string) =>
      bold !== undefined ? paint("bold", bold, true) : paint("cyan", code ?? "", true),
  );
}
