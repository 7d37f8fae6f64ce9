/**
 * Makes outside text safe for a terminal, a log line or a shell, fits it into columns, and paints it.
 *
 * @module
 */
import { styleText } from "node:util";

const ESC = String.fromCharCode(0x1b);
const BEL = String.fromCharCode(0x07);
const CSI = String.fromCharCode(0x9b);
const ST = String.fromCharCode(0x9c);

/** Escape sequences (ECMA-48): strings (OSC, DCS, SOS, PM, APC) with their terminator, CSI, and short ones. */
const SEQUENCES = new RegExp(
  [
    `${ESC}[\\]PX^_][^${BEL}${ESC}${ST}]*(?:${BEL}|${ST}|${ESC}\\\\)`,
    `(?:${ESC}\\[|${CSI})[0-?]*[ -/]*[@-~]`,
    `${ESC}[ -/]*[0-~]`,
  ].join("|"),
  "g",
);

/** Colors and weights, as programs print them. */
const COLORS = new RegExp(`(${ESC}\\[[0-9;:]*m)`);

const BREAKS = /[\t-\r\u0085\u2028\u2029]/g;

/** Invisible characters: control, bidi, zero-width, variation selectors, tags. */
const HIDDEN = /[\p{Cc}\p{Cf}\u2060-\u2069\ufe00-\ufe0f\u{e0000}-\u{e0fff}]/gu;

/** The same without line breaks and tabs. */
const HIDDEN_IN_BLOCK = new RegExp(`(?![\\n\\t])${HIDDEN.source}`, "gu");

/** Many marks on one letter would cover the lines above and below. */
const HEAPED_MARKS = /([\p{Mn}\p{Me}]{4})[\p{Mn}\p{Me}]+/gu;

const ASCII = /^[ -~]*$/;
const MARK = /[\p{Mn}\p{Me}]/u;

/** Characters two columns wide: roughly the wide ranges of Unicode's annex 11, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/**
 * Makes one safe line of any text: removes escape sequences and invisible characters, and turns line breaks and runs of
 * spaces into one space.
 *
 * @param maxLength In columns; a longer text ends in `…`.
 */
export function plainText(text: string, maxLength = Infinity): string {
  // A tool's output can be megabytes; clean only what can be shown.
  const rawLimit = maxLength * 16 + 4096;
  const raw = text.length > rawLimit ? `${text.slice(0, rawLimit)}…` : text;
  const clean = raw
    .toWellFormed()
    .replace(SEQUENCES, "")
    .replace(BREAKS, " ")
    .replace(HIDDEN, "")
    .replace(HEAPED_MARKS, "$1")
    .replace(/ {2,}/g, " ")
    .trim();
  return cutToWidth(clean, maxLength);
}

/** Like {@linkcode plainText}, but keeps lines, tabs and spaces. */
export function plainBlock(text: string): string {
  return text.toWellFormed()
    .replace(SEQUENCES, "")
    .replace(/\r\n|[\v\f\u0085\u2028\u2029]/g, "\n")
    .replace(HIDDEN_IN_BLOCK, "")
    .replace(HEAPED_MARKS, "$1");
}

/** Like {@linkcode plainBlock}, but keeps colors, which do no harm. */
export function plainColored(text: string): string {
  return text.split(COLORS).map((part, index) => index % 2 === 0 ? plainBlock(part) : part).join("");
}

/** The width of a safe text: two columns for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Cuts a safe text; a cut text ends in `…`. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return "";
  return `${text.slice(0, fittingLength(text, columns - 1)).trimEnd()}…`;
}

/**
 * Wraps a safe text, between words if possible. A path is never broken, so that it can be copied: its line may be longer.
 * Returns at least one line.
 */
export function wrapToWidth(text: string, columns: number): readonly string[] {
  const room = Math.max(2, columns);
  const lines: string[] = [];
  let line = "";
  for (const word of wordsOf(text)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (displayWidth(longer) <= room) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (displayWidth(line) > room && !/[/\\]/.test(line)) {
      const length = fittingLength(line, room);
      lines.push(line.slice(0, length));
      line = line.slice(length);
    }
  }
  return [...lines, line];
}

/** The words between spaces; a path in quotes is one. */
function wordsOf(text: string): readonly string[] {
  const held = text.replace(/(?<=^| )'[^']*[/\\][^']*'/g, (path) => path.replaceAll(" ", "\0"));
  return held.split(" ").map((word) => word.replaceAll("\0", " "));
}

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

/** How many UTF-16 units of a text fit. */
function fittingLength(text: string, columns: number): number {
  let width = 0;
  let length = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    length += character.length;
  }
  return length;
}

function characterWidth(character: string): number {
  if (ASCII.test(character)) return 1;
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Quotes a path as one word of a POSIX shell command. */
export function shellWord(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** The styles in use. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Paints a text where colors are wanted. The caller has looked at the terminal and NO_COLOR. */
export function paint(style: Style, text: string, wanted: boolean): string {
  return wanted ? styleText(style, text, { validateStream: false }) : text;
}
