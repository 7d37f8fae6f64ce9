/**
 * Writes JSON that a terminal, a log or a reviewer can show as it is, whatever text is in it.
 *
 * @module
 */

/** Control, bidirectional and other invisible characters. A line break can only stand between values. */
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value as one line of JSON, with every invisible character escaped. Parsing gives the same value. */
export function jsonText(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

/** Escapes the invisible characters of JSON text, where they can only be in strings. */
export function escapeJson(json: string): string {
  return json.replace(INVISIBLE, (character) => character.split("").map(escaped).join(""));
}

/** An escape is one UTF-16 unit. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
