/**
 * The manual page, in the macros of man(7), from the same tables as the help.
 *
 * @module
 */
import { layoutOf } from "../session/layout.ts";
import { PROJECT_FILE } from "../settings/load_settings.ts";
import type { Command, Flag } from "./command.ts";
import { COMMON_FLAGS, VERSION_FLAG } from "./parse_command.ts";
import { ABOUT, EXIT_CODES, PURPOSE, settingRows, SETTINGS_IN } from "./render_help.ts";

/** Which program the page is about, and of when it is. */
export interface ManPageOptions {
  readonly version: string;
  /** A day, as `2026-11-20`. */
  readonly date: string;
}

/** The page `samocode(1)`. Only ASCII, so that no formatter has to guess its encoding. */
export function renderManPage(commands: readonly Command[], { version, date }: ManPageOptions): string {
  const shown = commands.filter(({ hidden }) => !hidden);
  const examples = shown.flatMap(({ examples }) => examples);
  return [
    `.TH SAMOCODE 1 "${date}" ${argument(`samocode ${version}`)} ${argument("samocode manual")}`,
    ...section("NAME", [`samocode \\- ${escaped(PURPOSE)}`]),
    ...section("SYNOPSIS", [
      "\\fBsamocode\\fR \\fICOMMAND\\fR [\\fIflags\\fR]",
      ".br",
      "\\fBsamocode\\fR \\fB\\-\\-session\\fR \\fINAME\\fR [\\fIflags\\fR]",
    ]),
    ...section("DESCRIPTION", [
      ...text(ABOUT),
      ".PP",
      ...text("Without a command, but with flags, the command is run."),
    ]),
    ...section("OPTIONS", [
      ...text("Every command takes these:"),
      ...Object.entries(COMMON_FLAGS).flatMap(flagItem),
      ".PP",
      ...text("Without a command there is also:"),
      ...flagItem(["version", VERSION_FLAG]),
    ]),
    ...section("COMMANDS", shown.flatMap(commandPart)),
    ...section(
      "ENVIRONMENT",
      (["project", "environment"] as const).flatMap((place) => [
        ".PP",
        ...text(`${SETTINGS_IN[place]}:`),
        ...settingRows(place).flatMap(([name, about]) => item(bold(name), about)),
      ]),
    ),
    ...section("FILES", FILES.flatMap(([path, about]) => item(italic(path), about))),
    ...section("EXIT STATUS", [
      ...EXIT_CODES.flatMap(([code, meaning]) => item(bold(code), meaning)),
      ".PP",
      ...text("These are the codes of run and demo. The other commands end with 0, 1 or 2."),
    ]),
    ...section("EXAMPLES", [".nf", ...examples.map(line), ".fi"]),
    ...section("SEE ALSO", [".BR git (1),", ".BR git\\-worktree (1)", ".PP", line(HOME_PAGE)]),
  ].join("\n") + "\n";
}

const HOME_PAGE = "https://github.com/samocode/samocode";

const SESSION = layoutOf("SESSIONS/YY-MM-DD-NAME");

const FILES: readonly (readonly [path: string, about: string])[] = [
  [PROJECT_FILE, "The project: where its repository, its worktrees and its sessions are"],
  [".env", "Settings, beside .samocode; do not commit secrets"],
  ["~/.config/samocode/.env", "Settings for all projects"],
  ["~/.cache/samocode", "What the program can make again, and what an agent is told while it works"],
  [SESSION.notebook, "The notebook of a session: task, status, what happened"],
  [SESSION.questions, "The agent's questions and your answers"],
  [SESSION.journal, "Every event, a line of JSON each"],
  [SESSION.sessionLog, "The same in words"],
  [SESSION.logs, "All that the agent printed in each attempt"],
  ["WORKTREES/NAME", "The session's git worktree"],
];

function section(title: string, lines: readonly string[]): readonly string[] {
  // A paragraph macro right behind a heading would be empty.
  return [`.SH ${title}`, ...(lines[0] === ".PP" ? lines.slice(1) : lines)];
}

function commandPart({ name, operands, summary, flags, notes }: Command): readonly string[] {
  return [
    `.SS ${escaped(`samocode ${name} ${operands}`.trim())}`,
    ...text(`${summary}.`),
    ...Object.entries(flags).flatMap(flagItem),
    ...(notes === undefined ? [] : [
      ".PP",
      ...text(`${notes.title}:`),
      ...notes.rows.flatMap(([term, about]) => item(escaped(term), about)),
    ]),
  ];
}

function flagItem([name, { short, value, help }]: readonly [string, Flag]): readonly string[] {
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map(bold).join(", ");
  return item(value === undefined ? names : `${names} ${italic(value)}`, help);
}

/** A tagged paragraph. */
function item(tag: string, about: string): readonly string[] {
  return [".TP", tag.startsWith(".") ? `\\&${tag}` : tag, ...text(about)];
}

function bold(words: string): string {
  return `\\fB${escaped(words)}\\fR`;
}

function italic(words: string): string {
  return `\\fI${escaped(words)}\\fR`;
}

/** Running text, a line for each sentence: so formatters know where sentences end. */
function text(words: string): readonly string[] {
  return words.split(/(?<=[.:]) (?=[A-Z])/).map(line);
}

/** A line of the page; a dot at its beginning would make it a request. */
function line(words: string): string {
  return escaped(words).replace(/^(?=\.)/, "\\&");
}

function argument(words: string): string {
  return `"${escaped(words)}"`;
}

/** Signs that roff reads as its own, or prints as their typographic cousins: groff_char(7). */
const SIGNS: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  '"': "\\(dq",
  "^": "\\(ha",
  "~": "\\(ti",
};

function escaped(words: string): string {
  return words.replace(/[\s\p{Cc}]+/gu, " ").replace(
    /[\\\-'`"^~]|[^\x20-\x7e]/gu,
    (sign) => SIGNS[sign] ?? `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}
