/**
 * Markdown from agents as HTML that executes and loads nothing, and hides nothing: a person approves what they read, and
 * an agent reads it all. Raw HTML, definitions and links to anything but web pages and mail stay text.
 *
 * @module
 */
import { cutText } from "../text/cut_text.ts";
import { plainBlock } from "../text/terminal_text.ts";
import { escapeHtml } from "./escape_html.ts";

/** How to render it. */
export interface MarkdownOptions {
  /** The level of its first heading, 1 to 6. The others follow without a gap, as screen readers want it. */
  readonly heading?: number;
}

/** A longer text is shown as it is. In UTF-16 units. */
const MAX_RENDERED = 64 * 1024;
const MAX_SHOWN = 1024 * 1024;
/** The parser's time grows with the square of the delimiters in a paragraph: 64 KiB of `*_` take a minute. */
const MAX_DELIMITERS = 2_000;
/** The same holds for quotes. In lines. */
const MAX_QUOTED = 1_000;
/** Characters at the beginning of a line: each of these marks nests an element. */
const MAX_NESTING = 64;

/** Underlined headings take the square of their number, too; one sees them as they are. */
const LEFT_OUT = {
  disable: {
    null: ["htmlFlow", "htmlText", "definition", "setextUnderline", "gfmFootnoteDefinition", "gfmFootnoteCall"],
  },
};

/** Renders a text. The libraries are loaded when they are first needed. */
export async function renderMarkdown(text: string, { heading = 1 }: MarkdownOptions = {}): Promise<string> {
  const clean = plainBlock(text);
  if (clean.length > MAX_RENDERED || isHard(clean)) return `<pre>${escapeHtml(cutText(clean, MAX_SHOWN))}</pre>`;
  const [{ micromark }, { gfm, gfmHtml }] = await Promise.all([import("micromark"), import("micromark-extension-gfm")]);
  const html = micromark(clean, {
    // What is no web page is taken out below, with its address.
    allowDangerousProtocol: true,
    extensions: [gfm(), LEFT_OUT],
    htmlExtensions: [gfmHtml(), {
      exit: {
        codeFencedFenceMeta(): undefined {
          this.tag(` data-meta="${this.resume()}"`);
        },
      },
    }],
  });
  // A character reference may stand for what was removed before.
  return withLevels(mended(plainBlock(html)), heading);
}

function isHard(text: string): boolean {
  if ((text.match(/^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*>/gm)?.length ?? 0) > MAX_QUOTED) return true;
  if (text.split("\n").some((line) => (MARKS.exec(line)?.[0].length ?? 0) > MAX_NESTING)) return true;
  return text.split(/\n[ \t]*\n/).some((block) => (block.match(/[*_~`[\]]/g)?.length ?? 0) > MAX_DELIMITERS);
}

/** What begins quotes and lists, in a row. */
const MARKS = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)]))+/;

/** Every tag here is the library's own, since a text's own brackets are escaped. */
function mended(html: string): string {
  return withLinks(html)
    .replace(/<img src="([^"]*)" alt="([^"]*)"(?: title="[^"]*")? \/>/g, "[image: $2 $1]")
    .replace(/<code( class="[^"]*")? data-meta="([^"]*)">/g, "<code$1><i>$2</i>\n")
    .replace(
      /<input type="checkbox" disabled=""( checked="")? \/>/g,
      (_tag, checked?: string) =>
        checked === undefined
          ? '<span class="box" role="img" aria-label="open">☐</span>'
          : '<span class="box" role="img" aria-label="done">☑</span>',
    )
    .replace(/<th( [^>]*)?><\/th>/g, "<td></td>")
    .replaceAll("<table>", '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>')
    .replaceAll("</table>", "</table></div>")
    .replace(/<h([1-6])><\/h\1>\n?/g, "");
}

/** Links to web pages and mail; of others, also of those in a link, the address is text. */
function withLinks(html: string): string {
  const open: (string | undefined)[] = [];
  return html
    .replace(/<a href="([^"]*)"[^>]*>|<\/a>/g, (tag, href?: string) => {
      if (href === undefined) {
        const text = open.pop();
        return text === undefined ? tag : ` (${text})`;
      }
      const isLink = /^(?:https?:\/\/|mailto:)/i.test(href) && !open.includes(undefined);
      open.push(isLink ? undefined : href);
      return isLink ? tag : "";
    })
    .replace(/<a href="([^"]*)"[^>]*><\/a>/g, '<a href="$1">$1</a>')
    .replaceAll("<a href=", '<a rel="noreferrer noopener nofollow" href=');
}

function withLevels(html: string, first: number): string {
  const open: number[] = [];
  return html.replace(/<(\/?)h([1-6])>/g, (_tag, slash: string, digit: string) => {
    const level = Number(digit);
    if (slash === "") {
      while ((open.at(-1) ?? 0) >= level) open.pop();
      open.push(level);
    }
    return `<${slash}h${Math.min(6, first + open.length - 1)}>`;
  });
}
