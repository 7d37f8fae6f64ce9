/**
 * Says how the program and its commands are used.
 *
 * @module
 */
import { describeKind, type SettingPlace, type SettingRow, SETTINGS } from "../settings/settings_table.ts";
import { displayWidth, wrapToWidth } from "../text/terminal_text.ts";
import type { Command, Flag } from "./command.ts";
import { COMMON_FLAGS } from "./parse_command.ts";

/** Where help is shown. */
export interface HelpView {
  readonly version: string;
  /** The columns of the terminal. */
  readonly columns: number;
}

/** The help of the whole program. */
export function renderHelp(commands: readonly Command[], { version, columns }: HelpView): string {
  const shown = commands.filter(({ hidden }) => !hidden);
  const rows = (pairs: readonly (readonly [string, string])[], column: number): string =>
    pairs.map(([name, text]) => entry(name, text, { column, columns })).join("\n");
  return `samocode ${version}: ${PURPOSE}

${paragraph(ABOUT, columns)}

Usage
${rows(USAGES, 36)}

Commands
${rows(shown.map(({ name, summary }) => [name, summary]), 15)}

${paragraph(MORE, columns)}

${paragraph(SETTINGS_IN.project, columns)}
${rows(settingRows("project"), TEXT_COLUMN)}

${paragraph(`${SETTINGS_IN.environment} (defaults in brackets)`, columns)}
${rows(settingRows("environment"), TEXT_COLUMN)}

Exit codes of run
${rows(EXIT_CODES, 17)}
`;
}

/** What the program is for, behind its name. */
export const PURPOSE = "walk away from a coding task";

/** What a session is, in a few sentences. */
export const ABOUT =
  "A session takes one task from start to done. An agent works on it, one fresh iteration after the " +
  "other, on a git branch of its own. It stops and waits for you when it has questions, and when its plan is ready. To " +
  "see that: samocode demo";

const MORE = "samocode COMMAND --help says more about one of them; samocode --version says which version this is.";

const USAGES = [
  ["samocode COMMAND [flags]", ""],
  ["samocode --session NAME [flags]", "the same as samocode run --session NAME"],
] as const;

/** Where the settings of each place are written. */
export const SETTINGS_IN: Readonly<Record<SettingPlace, string>> = {
  project: "Settings in .samocode, a file of KEY=VALUE lines: the nearest one upward from here, or --config FILE",
  environment: "Settings in the environment, or in .env beside .samocode or in ~/.config/samocode",
};

/** What each exit code of `run` means. */
export const EXIT_CODES = [
  ["0", "done"],
  ["10", "waiting for you: answers, an approval, something that only you can do"],
  ["20", "blocked: see samocode status"],
  ["1", "the agent or samocode failed"],
  ["2", "the command line, a setting or the session's state does not allow it; nothing was begun"],
  ["129, 130, 143", "stopped: the terminal was closed, Ctrl-C or samocode stop, a request to terminate"],
] as const;

/** The help of one command. */
export function renderCommandHelp(
  { name, summary, operands, flags, examples, notes }: Command,
  { columns }: Pick<HelpView, "columns">,
): string {
  const row = (left: string, text: string): string => entry(left, text, { column: TEXT_COLUMN, columns });
  const rows = Object.entries({ ...flags, ...COMMON_FLAGS }).map(([flag, described]) =>
    row(usageOf(flag, described), described.help)
  );
  const shown = examples.length === 0 ? "" : `\nExamples\n${examples.map((line) => `  ${line}`).join("\n")}\n`;
  const noted = notes === undefined
    ? ""
    : `\n${notes.title}\n${notes.rows.map((pair) => commandEntry(pair, columns)).join("\n")}\n`;
  return `${paragraph(summary, columns)}\n\nUsage\n  samocode ${`${name} ${operands}`.trim()} [flags]\n\nFlags\n${
    rows.join("\n")
  }\n${noted}${shown}`;
}

function usageOf(name: string, { value, short }: Flag): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** The settings of a place: each one's name, and what there is to say about it. */
export function settingRows(place: SettingPlace): readonly (readonly [name: string, text: string])[] {
  const rows: readonly (readonly [string, SettingRow])[] = Object.entries(SETTINGS);
  return rows.filter(([, row]) => row.place === place).map(([name, { help, kind, default: preset }]) => {
    const unit = kind === "seconds" || kind === "delay" ? " s" : "";
    const shown = preset === undefined || preset === "" ? "" : ` (${preset}${unit})`;
    const choices = typeof kind === "string" ? "" : `; one of ${describeKind(kind)}`;
    return [name, `${help}${choices}${shown}`];
  });
}

/** The column in which explanations begin. */
const TEXT_COLUMN = 30;

/** The widest line that is pleasant to read, and the narrowest column of explanations. */
const MAX_COLUMNS = 120;
const MIN_TEXT_COLUMNS = 24;

function paragraph(text: string, columns: number): string {
  return wrapToWidth(text, Math.min(columns, MAX_COLUMNS)).join("\n");
}

/** A name and its explanation beside it; below it, where the terminal is narrow. Commands stay whole, to be copied. */
function entry(
  name: string,
  text: string,
  { column, columns }: { readonly column: number; readonly columns: number },
): string {
  if (text === "") return `  ${name}`;
  const room = Math.min(columns, MAX_COLUMNS) - column;
  if (room < MIN_TEXT_COLUMNS) {
    return [`  ${name}`, ...wrapToWidth(text, columns - 6).map((line) => `      ${line}`)].join("\n");
  }
  const [first = "", ...more] = wrapToWidth(text, room);
  return [`  ${name}`.padEnd(column) + first, ...more.map((line) => " ".repeat(column) + line)].join("\n");
}

/** A place, and the command for it; below it, where it does not fit beside it. */
function commandEntry([place, command]: readonly [string, string], columns: number): string {
  const beside = `  ${place}`.padEnd(TEXT_COLUMN) + command;
  return displayWidth(beside) <= columns ? beside : `  ${place}\n      ${command}`;
}
