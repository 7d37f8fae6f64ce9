/**
 * Says how the program and its commands are used.
 *
 * @module
 */
import { describeKind, type SettingPlace, type SettingRow, SETTINGS } from "../settings/settings_table.ts";
import { wrapToWidth } from "../system/terminal_text.ts";
import type { Command, Flag } from "./command.ts";
import { COMMON_FLAGS } from "./parse_command.ts";

/** The help of the whole program. */
export function renderHelp(commands: readonly Command[], version: string): string {
  const shown = commands.filter(({ hidden }) => !hidden);
  return `samocode ${version}: ${PURPOSE}

${wrapToWidth(ABOUT, MAX_COLUMNS).join("\n")}

Usage
  samocode COMMAND [flags]
  samocode --session NAME [flags]   the same as samocode run --session NAME

Commands
${shown.map(({ name, summary }) => `  ${name.padEnd(NAME_COLUMNS)}${summary}`).join("\n")}

samocode COMMAND --help says more about one of them; samocode --version says which version this is.

${SETTINGS_IN.project}
${settings("project")}

${SETTINGS_IN.environment} (defaults in brackets)
${settings("environment")}

Exit codes of run
${EXIT_CODES.map(([code, meaning]) => `  ${code.padEnd(15)}${meaning}`).join("\n")}
`;
}

/** What the program is for, behind its name. */
export const PURPOSE = "walk away from a coding task";

/** What a session is, in a few sentences. */
export const ABOUT =
  "A session takes one task from start to done. An agent works on it, one fresh iteration after the " +
  "other, on a git branch of its own. It stops and waits for you when it has questions, and when its plan is ready. To " +
  "see that: samocode demo";

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
export function renderCommandHelp({ name, summary, operands, flags, examples, notes }: Command): string {
  const rows = Object.entries({ ...flags, ...COMMON_FLAGS }).map(([flag, row]) => entry(usageOf(flag, row), row.help));
  const shown = examples.length === 0 ? "" : `\nExamples\n${examples.map((line) => `  ${line}`).join("\n")}\n`;
  const noted = notes === undefined ? "" : `\n${notes.title}\n${notes.rows.map((row) => entry(...row)).join("\n")}\n`;
  return `${summary}\n\nUsage\n  samocode ${`${name} ${operands}`.trim()} [flags]\n\nFlags\n${
    rows.join("\n")
  }\n${noted}${shown}`;
}

function usageOf(name: string, { value, short }: Flag): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

function settings(place: SettingPlace): string {
  return settingRows(place).map((row) => entry(...row)).join("\n");
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

/** The width of the commands' names, the space behind them included. */
const NAME_COLUMNS = 13;

/** The column in which explanations begin, and the widest line. */
const TEXT_COLUMN = 30;
const MAX_COLUMNS = 120;

function entry(name: string, text: string): string {
  const [first = "", ...more] = wrapToWidth(text, MAX_COLUMNS - TEXT_COLUMN);
  return [`  ${name}`.padEnd(TEXT_COLUMN) + first, ...more.map((line) => " ".repeat(TEXT_COLUMN) + line)].join("\n");
}
