/**
 * Lines made of styled pieces: cut to a width while they are text, painted only at the end.
 *
 * @module
 */
import { cutToWidth, displayWidth } from "../text/terminal_text.ts";

/** ECMA-48 "select graphic rendition" parameters; only the 8 basic colours, so that every terminal's theme fits. */
const CODES = {
  plain: "",
  dim: "2",
  bold: "1",
  good: "32",
  bad: "1;31",
  due: "1;33",
  now: "1;36",
  human: "35",
  warn: "33",
} as const;

/** How a piece of text looks. */
export type Style = keyof typeof CODES;

/** A piece of harmless text with its look. */
export type Span = readonly [style: Style, text: string];

/** Paints a line. `NO_COLOR` and the like are the caller's business: `color` alone decides. */
export function paint(spans: readonly Span[], color: boolean): string {
  return spans.map(([style, text]) => color && style !== "plain" && text !== "" ? sgr(CODES[style], text) : text).join(
    "",
  );
}

/** Cuts a line to so many columns. */
export function cutSpans(spans: readonly Span[], columns: number): readonly Span[] {
  let room = columns;
  const cut: Span[] = [];
  for (const [style, text] of spans) {
    const width = displayWidth(text);
    cut.push([style, cutToWidth(text, room)]);
    if (width > room) break;
    room -= width;
  }
  return cut;
}

/** How many columns a line takes. */
export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, [, text]) => sum + displayWidth(text), 0);
}

function sgr(code: string, text: string): string {
  return `\u001b[${code}m${text}\u001b[0m`;
}
