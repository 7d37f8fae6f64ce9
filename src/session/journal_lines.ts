/**
 * The lines of a journal as bytes.
 *
 * @module
 */

/** The byte that ends a line. */
export const NEWLINE = 10;

/** The text of bytes that were read in parts. */
export function decode(parts: readonly Uint8Array<ArrayBuffer>[]): string {
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}

/** How many lines end within the first bytes. */
export function countLines(bytes: Uint8Array, length: number): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < length; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** The offset of the line with that index, the first having 0. */
export function startOfLine(bytes: Uint8Array, index: number): number {
  let start = 0;
  for (let line = 0; line < index; line++) start = bytes.indexOf(NEWLINE, start) + 1;
  return start;
}
