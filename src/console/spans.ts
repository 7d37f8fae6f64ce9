/**
 * Lines of styled text: cut to a width first, turned into escape codes last.
 *
 * @module
 */
import { cutToWidth, displayWidth } from "../text/terminal_text.ts";

/** ECMA-48 "select graphic rendition" parameters; only the 8 basic colors, which every terminal theme defines. */
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

/** The look of a piece of text. */
export type Style = keyof typeof CODES;

/** A styled piece of text that is safe for a terminal. */
export type Span = readonly [style: Style, text: string];

/** Turns a line into text with escape codes; without color, into plain text. */
export function paint(spans: readonly Span[], color: boolean): string {
  const painted = spans.map(([style, text]) =>
    color && style !== "plain" && text !== "" ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text
  );
  return painted.join("");
}

/** Cuts a line to a width in columns. */
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

/** The width of a line in columns. */
export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, [, text]) => sum + displayWidth(text), 0);
}
