/**
 * The help: of the program, of a command, and of the settings.
 *
 * @module
 */
import { describeSettings } from "../operations/samocode.ts";
import { displayWidth, wrapToWidth } from "../text/terminal_text.ts";
import type { Command, Rows } from "./command.ts";
import { COMMON_FLAGS, type HelpTopic } from "./parse_command.ts";

/** What help is made from, and the width of the terminal. */
export interface HelpView {
  readonly commands: readonly Command[];
  readonly version: string;
  readonly columns: number;
}

/** The help about a topic. */
export function renderHelp(about: HelpTopic, view: HelpView): string {
  const width = Math.min(view.columns, MAX_COLUMNS);
  const parts = partsAbout(about, view).map(([title, rows]) => [...wrapToWidth(title, width), ...layOut(rows, width)]);
  return parts.map((lines) => lines.join("\n") + "\n").join("\n");
}

function partsAbout(about: HelpTopic, { commands, version }: HelpView): readonly Part[] {
  if (about === undefined) return programHelp(commands, version);
  return about === "settings" ? SETTINGS_HELP : commandHelp(about);
}

/** A paragraph, or the title of rows. */
type Part = readonly [text: string, rows: Rows];

function programHelp(commands: readonly Command[], version: string): readonly Part[] {
  const shown = commands.filter(({ hidden, listedWith }) => !hidden && listedWith === undefined);
  return [
    [`samocode ${version}: walk away from a coding task`, []],
    [ABOUT, []],
    ["Usage", USAGE],
    ["Commands", shown.map(({ name, summary }) => [name, summary])],
    ["More help", MORE],
  ];
}

/** One line: the list of commands is as long as a screen. */
const ABOUT = "A task runs on a git branch of its own and stops for you. See it: samocode demo";

const USAGE: Rows = [
  ['samocode run "what to do"', "or samocode COMMAND [flags]"],
];

const MORE: Rows = [
  ["samocode COMMAND --help", "Flags and examples of a command"],
  ["samocode help settings", "Settings and their defaults"],
  ["samocode --version", "Version and build"],
];

function commandHelp({ name, summary, operands = "", flags, notes, examples }: Command): readonly Part[] {
  const rows = Object.entries({ ...flags, ...COMMON_FLAGS }).map(([flag, { short, value = "", help }]) =>
    [`${short === undefined ? "   " : `-${short},`} --${flag} ${value}`.trimEnd(), help] as const
  );
  const parts: readonly Part[] = [
    [summary, []],
    ["Usage", [[`samocode ${`${name} ${operands}`.trim()} [flags]`, ""]]],
    ["Flags", rows],
    [notes?.title ?? "", notes?.rows ?? []],
    ["Examples", examples.map((line) => [line, ""])],
  ];
  return parts.filter(([, rows], at) => at === 0 || rows.length > 0);
}

const SETTINGS_HELP: readonly Part[] = [
  [
    "Project settings: KEY=VALUE lines in the nearest .samocode upward, or in --config FILE",
    describeSettings("project"),
  ],
  [
    "Other settings: environment variables, or lines in .env beside .samocode or in ~/.config/samocode/.env " +
    "(defaults in parentheses; OTEL_ lines only there)",
    describeSettings("environment"),
  ],
];

/** The widest readable line, and the narrowest column of explanations. */
const MAX_COLUMNS = 120;
const MIN_TEXT_COLUMNS = 24;

/** Puts explanations beside the names or, on a narrow terminal, below them. Names are not wrapped, so they can be copied. */
function layOut(rows: Rows, columns: number): readonly string[] {
  const beside = Math.max(...rows.map(([name]) => displayWidth(name))) + 4;
  const isNarrow = columns - beside < MIN_TEXT_COLUMNS;
  const margin = isNarrow ? 6 : beside;
  return rows.flatMap(([name, text]) => {
    const lines = text === "" ? [] : wrapToWidth(text, columns - margin).map((line) => " ".repeat(margin) + line);
    const [first = "", ...more] = lines;
    return isNarrow ? [`  ${name}`, ...lines] : [`  ${name}${first.slice(displayWidth(name) + 2)}`, ...more];
  });
}
