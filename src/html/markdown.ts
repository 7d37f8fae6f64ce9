/**
 * Markdown from agents as HTML that executes and loads nothing, and hides nothing: a person approves what they read, and
 * an agent reads it all. Raw HTML, definitions and links to anything but web pages and mail stay text.
 *
 * @module
 */
import type {} from "micromark-extension-gfm-table";
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

type HtmlExtension = ReturnType<typeof import("micromark-extension-gfm").gfmHtml>;

/** Underlined headings take the square of their number, too; one sees them as they are. */
const LEFT_OUT = {
  disable: {
    null: ["htmlFlow", "htmlText", "definition", "setextUnderline", "gfmFootnoteDefinition", "gfmFootnoteCall"],
  },
};

/** Shows what the libraries leave out, and does not fill rows up: a wide table of 64 KiB would become 400 MB. */
const WHOLE: HtmlExtension = {
  enter: {
    tableData(): undefined {
      const align = this.getData("tableAlign")?.[this.getData("tableColumn") ?? 0] ?? "none";
      this.lineEndingIfNeeded();
      this.tag(align === "none" ? "<td>" : `<td align="${align}">`);
    },
  },
  exit: {
    tableData(): undefined {
      this.tag("</td>");
      this.setData("tableColumn", (this.getData("tableColumn") ?? 0) + 1);
    },
    tableRow(): undefined {
      this.lineEndingIfNeeded();
      this.tag("</tr>");
    },
    // A class could be one of the page's own.
    codeFencedFenceInfo(): undefined {
      this.tag(` data-info="${this.resume()}"`);
    },
    codeFencedFenceMeta(): undefined {
      this.tag(` data-meta="${this.resume()}"`);
    },
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
    htmlExtensions: [gfmHtml(), WHOLE],
  });
  // A character reference may stand for what was removed before.
  return withLevels(withVisibleText(plainBlock(html)), heading);
}

function isHard(text: string): boolean {
  if ((text.match(/^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*>/gm)?.length ?? 0) > MAX_QUOTED) return true;
  if (text.split("\n").some((line) => (MARKS.exec(line)?.[0].length ?? 0) > MAX_NESTING)) return true;
  return text.split(/\n[ \t]*\n/).some((block) => (block.match(/[*_~`[\]]/g)?.length ?? 0) > MAX_DELIMITERS);
}

/** What begins quotes and lists, in a row. */
const MARKS = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)]))+/;

/** Shows what tags would hide. Every tag here is the library's own, since a text's own brackets are escaped. */
function withVisibleText(html: string): string {
  return withLinks(html)
    .replace(
      /<img src="([^"]*)" alt="([^"]*)"(?: title="([^"]*)")? \/>/g,
      (_tag, src: string, alt: string, title?: string) => `[image: ${alt} ${withTitle(src, title)}]`,
    )
    .replace(
      /<code data-info="([^"]*)"(?: data-meta="([^"]*)")?>/g,
      (_tag, info: string, meta = "") => `<code><i>${`${info} ${meta}`.trimEnd()}</i>\n`,
    )
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

/** Links to web pages and mail name their address, unless it is their text; of others, also of those in a link, it stays. */
function withLinks(html: string): string {
  const open: { readonly isLink: boolean; readonly href: string; readonly address: string; readonly from: number }[] =
    [];
  const mend = (tag: string, href: string | undefined, title: string | undefined, at: number): string => {
    if (href !== undefined) {
      const isLink = /^(?:https?:\/\/|mailto:)/i.test(href) && !open.some((outer) => outer.isLink);
      open.push({ isLink, href, address: withTitle(href, title), from: at + tag.length });
      return isLink ? `<a rel="noreferrer noopener nofollow" href="${href}">` : "";
    }
    const link = open.pop();
    if (link === undefined) return tag;
    const text = html.slice(link.from, at);
    if (link.isLink && text === "") return `${link.address}</a>`;
    const isSaid = link.isLink && ["", "http://", "mailto:"].some((start) => link.address === `${start}${text}`);
    return `${link.isLink ? "</a>" : ""}${isSaid ? "" : ` (${link.address})`}`;
  };
  return html.replace(/<a href="([^"]*)"(?: title="([^"]*)")?>|<\/a>/g, mend);
}

function withTitle(address: string, title: string | undefined): string {
  return title === undefined ? address : `${address} ${title}`;
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
