/**
 * Makes a text of several lines harmless for a terminal, and fits it in.
 *
 * @module
 */
import { displayWidth, plainText, wrapToWidth } from "./terminal_text.ts";

/** Makes each line safe as {@linkcode plainText} does, but keeps its indentation. */
export function plainLines(text: string): readonly string[] {
  return text.split("\n").map((line) => (/^ */.exec(line)?.[0] ?? "") + plainText(line));
}

/** Wraps a safe line. The following lines of a list item are aligned with its text. */
export function wrapLine(line: string, columns: number): readonly string[] {
  const [lead = ""] = /^ *(?:[-*>] (?:\[[ xX]\] )?|[A-Z]\) )?/.exec(line) ?? [];
  const rows = wrapToWidth(line.slice(lead.length), columns - displayWidth(lead));
  return rows.map((row, index) => (index === 0 ? lead : " ".repeat(lead.length)) + row);
}
