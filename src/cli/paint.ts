/**
 * A few colours for a terminal.
 *
 * @module
 */

/** SGR codes, see ECMA-48: on and off. */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Paints a text, where colours are wanted. */
export function paint(color: keyof typeof CODES, text: string, wanted: boolean): string {
  if (!wanted) return text;
  const [on, off] = CODES[color];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}
