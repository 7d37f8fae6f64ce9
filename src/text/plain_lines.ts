/**
 * Makes a text of several lines harmless for a terminal, and fits it in.
 *
 * @module
 */
import { displayWidth, plainText, wrapToWidth } from "./terminal_text.ts";

/** The lines of a text, each harmless and indented as it was. */
export function plainLines(text: string): readonly string[] {
  return text.split("\n").map((line) => (/^ */.exec(line)?.[0] ?? "") + plainText(line));
}

/** Breaks a harmless line between words; what follows stands below the text of a list's item, not below its mark. */
export function wrapLine(line: string, columns: number): readonly string[] {
  const [lead = ""] = /^ *(?:[-*>] (?:\[[ xX]\] )?|[A-Z]\) )?/.exec(line) ?? [];
  const rows = wrapToWidth(line.slice(lead.length), columns - displayWidth(lead));
  return rows.map((row, index) => (index === 0 ? lead : " ".repeat(lead.length)) + row);
}
