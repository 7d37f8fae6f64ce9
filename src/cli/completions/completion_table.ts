/**
 * What the completion scripts are made from: the table of commands, as a shell sees it.
 *
 * @module
 */
import type { Command, Completes, Flag } from "../command.ts";
import { COMMON_FLAGS, VERSION_FLAG } from "../parse_command.ts";

/** What a flag's value is: something to offer, or a text that only the person knows. */
export type Value = Completes | "text";

/** A flag, as it is typed. */
export interface OfferedFlag {
  /** With its hyphens. */
  readonly name: string;
  /** With its hyphen. */
  readonly short: string | undefined;
  /** What stands for its value in the help. */
  readonly placeholder: string;
  /** `undefined` where it takes none. */
  readonly value: Value | undefined;
  readonly help: string;
}

/** A command that is offered. */
export interface OfferedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly OfferedFlag[];
  /** What its first operand is; `undefined` where there is nothing to offer. */
  readonly operand: Completes | undefined;
  readonly takesMore: boolean;
}

/** Stands in the scripts for a command line that begins with a flag: no command is called so. */
export const BARE = "-";

/** Prints the names of the sessions, a line each; never fails, never says anything else. */
export const SESSIONS_COMMAND = "samocode completions sessions";

/** The first line of each script, behind its comment sign. */
export function origin(shell: string): string {
  return `Completions of samocode for ${shell}, made by: samocode completions ${shell}`;
}

/** The commands that are not hidden. */
export function offeredCommands(commands: readonly Command[]): readonly OfferedCommand[] {
  return commands.filter(({ hidden }) => !hidden).map(offered);
}

/** What may be typed without a command's name: the flags of `run`, and those that only stand there. */
export function bareCommand(commands: readonly Command[]): OfferedCommand {
  const run = commands.find(({ name }) => name === "run");
  return {
    ...offered({ name: BARE, summary: "", maxPositionals: 0, flags: { ...run?.flags, version: VERSION_FLAG } }),
    operand: undefined,
  };
}

/** The words to choose from; `undefined` where a value is no choice. */
export function choicesOf(value: Value): readonly string[] | undefined {
  return typeof value === "string" ? undefined : value;
}

/** What is offered, as a variable of a script can hold it: `sessions`, `words claude codex`. */
export function kindOf(value: Value): string {
  return typeof value === "string" ? value : `words ${value.join(" ")}`;
}

/** A text as bash and zsh take it literally. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What may be typed for a flag: its name, and the short form where it has one. */
export function spellingsOf({ name, short }: OfferedFlag): readonly string[] {
  return short === undefined ? [name] : [name, short];
}

/** Tells whether a flag names what could also be the first operand. */
export function isInsteadOfOperand(flag: OfferedFlag, { operand }: OfferedCommand): boolean {
  return flag.value === "sessions" && operand === "sessions";
}

function offered(
  { name, summary, flags, completes, maxPositionals }: Pick<
    Command,
    "name" | "summary" | "flags" | "completes" | "maxPositionals"
  >,
): OfferedCommand {
  return {
    name,
    summary,
    flags: Object.entries({ ...flags, ...COMMON_FLAGS }).map(offeredFlag),
    operand: completes,
    takesMore: maxPositionals > 1,
  };
}

function offeredFlag([name, { short, value, completes, help }]: readonly [string, Flag]): OfferedFlag {
  return {
    name: `--${name}`,
    short: short === undefined ? undefined : `-${short}`,
    placeholder: value ?? "",
    value: value === undefined ? undefined : completes ?? "text",
    help,
  };
}
