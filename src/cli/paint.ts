/**
 * Colors for a terminal.
 *
 * @module
 */
import { styleText } from "node:util";

/** The styles in use. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Paints a text where colors are wanted. The caller has looked at the terminal and NO_COLOR. */
export function paint(style: Style, text: string, wanted: boolean): string {
  return wanted ? styleText(style, text, { validateStream: false }) : text;
}
