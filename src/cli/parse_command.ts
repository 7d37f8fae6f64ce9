/**
 * Reads a command line against the table of commands.
 *
 * @module
 */
import { parseArgs } from "node:util";
import leven from "leven";
import { SamocodeError } from "../text/errors.ts";
import type { Arguments, Command, Flag, Flags } from "./command.ts";

/** What a command line asks for. */
export type ParsedCommand =
  | { readonly kind: "help"; readonly about: HelpTopic }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly command: Command; readonly args: Arguments };

/** What help is about: a command, the settings, or the whole program. */
export type HelpTopic = Command | "settings" | undefined;

/** Flags that every command takes. */
export const COMMON_FLAGS: Flags = {
  config: { value: "FILE", completes: "file", help: "Project file (default: nearest .samocode upward)" },
  help: { short: "h", help: "Show this help" },
};

/** What asks for help in place of a command. */
export const HELP_WORDS: readonly string[] = ["help", "--help", "-h"];
/** What asks for the version there. */
export const VERSION_WORDS: readonly string[] = ["version", "--version", "-V"];

/** Accepted everywhere, but shown only in place of a command. */
export const VERSION_FLAG: Flag = { short: "V", help: "Print the version" };

/**
 * Reads a command line. Flags without a command mean `run`. A flag with a value may be given only once: of two session
 * names, the wrong one could win.
 *
 * @throws {SamocodeError} For anything unknown, with a suggestion.
 */
export function parseCommand(argv: readonly string[], commands: readonly Command[]): ParsedCommand {
  const [first = "help", ...rest] = argv;
  if (HELP_WORDS.includes(first)) {
    const [topic] = rest;
    const isCommand = topic !== undefined && topic !== "settings";
    return { kind: "help", about: isCommand ? findCommand(topic, commands) : topic };
  }
  if (VERSION_WORDS.includes(first)) return { kind: "version" };
  const isBare = first.startsWith("-");
  const command = findCommand(isBare ? "run" : first, commands);
  const args = isBare
    ? readArguments(argv, { ...command, maxPositionals: 0 }, "samocode")
    : readArguments(rest, command, `samocode ${command.name}`);
  if (args.switches.has("version")) return { kind: "version" };
  return args.switches.has("help") ? { kind: "help", about: command } : { kind: "run", command, args };
}

function findCommand(typed: string, commands: readonly Command[]): Command {
  const command = commands.find(({ name }) => name === typed);
  if (command !== undefined) return command;
  const names = commands.filter(({ hidden }) => !hidden).map(({ name }) => name);
  throw refusal(`Unknown command ${JSON.stringify(typed)}`, didYouMean(typed, names) ?? "See samocode --help");
}

function readArguments(argv: readonly string[], command: Command, usage: string): Arguments {
  const flags: Flags = { ...command.flags, ...COMMON_FLAGS, version: VERSION_FLAG };
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { value, short }]) => [
        name,
        { type: value === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short }) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const help = `See ${usage} --help`;
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) {
      if (name === "fleet") {
        const hint = "Bring the session to this machine first: samocode fleet take NAME";
        throw refusal(`${usage} does not work on a session of the fleet`, hint);
      }
      const meant = didYouMean(rawName, Object.keys(flags).map((known) => `--${known}`));
      throw refusal(`Unknown flag ${rawName} for ${usage}`, meant ?? help);
    }
    if (flag.value === undefined) {
      if (value !== undefined) throw refusal(`Flag ${rawName} takes no value`, help);
      switches.add(name);
      continue;
    }
    // In `--task --dive x`, a forgotten value is far likelier than one that begins with two hyphens.
    if (value === undefined || (!inlineValue && value.startsWith("--"))) {
      throw refusal(`Flag ${rawName} needs a value: ${rawName} ${flag.value}`, help);
    }
    if (Object.hasOwn(values, name)) throw refusal(`Flag ${rawName} was given twice`, help);
    values[name] = value;
  }
  const { maxPositionals = 0 } = command;
  const extra = positionals[maxPositionals];
  if (extra !== undefined) {
    const advice = usage === "samocode"
      ? "Put the command first. "
      : maxPositionals > 0
      ? "Quote text that has spaces. "
      : "";
    throw refusal(`Unexpected argument ${JSON.stringify(extra)}`, advice + help);
  }
  return { values, switches, positionals };
}

function refusal(message: string, hint: string): SamocodeError {
  return new SamocodeError("usage", message, { hint });
}

function didYouMean(typed: string, names: readonly string[]): string | undefined {
  const word = typed.toLowerCase();
  const letters = (text: string): string => [...text].sort().join("");
  const [nearest] = names
    .map((name) => ({ name, distance: leven(word, name), strays: leven(letters(word), letters(name)) }))
    // Break ties in favour of transpositions.
    .sort((a, b) => a.distance - b.distance || a.strays - b.strays);
  if (nearest === undefined) return undefined;
  // A short word is soon another one: rm is not run, and cp not mcp.
  const isSwapped = nearest.distance === 2 && nearest.strays === 0;
  const isNear = isSwapped || nearest.distance <= Math.max(typed.length < 3 ? 0 : 1, Math.floor(typed.length / 3));
  return isNear ? `Did you mean ${nearest.name}?` : undefined;
}
