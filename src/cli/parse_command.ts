/**
 * Reads a command line against the table of commands.
 *
 * @module
 */
import { parseArgs } from "node:util";
import leven from "leven";
import { SamocodeError } from "../system/errors.ts";
import type { Arguments, Command, Flag } from "./command.ts";

/** What a command line asks for. */
export type ParsedCommand =
  | { readonly kind: "help"; readonly command: Command | undefined }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly command: Command; readonly args: Arguments };

/** Flags that every command takes. */
export const COMMON_FLAGS: Readonly<Record<string, Flag>> = {
  config: { value: "FILE", completes: "file", help: "The project's .samocode (default: the nearest one upward)" },
  help: { short: "h", help: "Say how this command is used" },
};

/** The flag that stands alone: it is no command's. */
export const VERSION_FLAG: Flag = { short: "V", help: "Say which version this is" };

/**
 * Reads a command line. Without a command's name, but with flags, it is `run`, as it always was. A flag may be given
 * once: of two session names the wrong one could win.
 *
 * @throws {SamocodeError} For anything that is not understood, with what was probably meant.
 */
export function parseCommand(argv: readonly string[], commands: readonly Command[]): ParsedCommand {
  const [first, ...rest] = argv;
  if (first === undefined) return { kind: "help", command: undefined };
  if (first === "help" || first === "--help" || first === "-h") {
    const [about] = rest;
    return { kind: "help", command: about === undefined ? undefined : findCommand(about, commands) };
  }
  if (first === "--version" || first === "-V" || first === "version") return { kind: "version" };
  const isBareRun = first.startsWith("-");
  const command = findCommand(isBareRun ? "run" : first, commands);
  const args = readArguments(isBareRun ? argv : rest, isBareRun ? { ...command, maxPositionals: 0 } : command);
  return args.switches.has("help") ? { kind: "help", command } : { kind: "run", command, args };
}

function findCommand(typed: string, commands: readonly Command[]): Command {
  const command = commands.find(({ name }) => name === typed);
  if (command !== undefined) return command;
  const names = commands.filter(({ hidden }) => !hidden).map(({ name }) => name);
  throw new SamocodeError("usage", `Cannot run ${JSON.stringify(typed)}: there is no such command`, {
    hint: didYouMean(typed, names) ?? `The commands are ${names.join(", ")}`,
  });
}

function readArguments(argv: readonly string[], command: Command): Arguments {
  const flags = { ...command.flags, ...COMMON_FLAGS };
  const names = Object.keys(flags);
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
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (flag === undefined) throw unknownFlag(token.rawName, { command, names });
    if (flag.value === undefined) {
      if (token.value !== undefined) throw badFlag(`${token.rawName} takes no value`, command);
      switches.add(token.name);
    } else {
      // `--task --dive x` is a forgotten value far more often than a value that begins with two hyphens.
      const forgotten = token.value === undefined || (!token.inlineValue && token.value.startsWith("--"));
      if (forgotten) throw badFlag(`${token.rawName} needs a value: ${token.rawName} ${flag.value}`, command);
      if (Object.hasOwn(values, token.name)) throw badFlag(`${token.rawName} is given twice`, command);
      values[token.name] = token.value ?? "";
    }
  }
  if (positionals.length > command.maxPositionals) {
    const extra = positionals[command.maxPositionals] ?? "";
    throw badFlag(`${JSON.stringify(extra)} is one word too many`, command, EXTRA_WORD);
  }
  return { values, switches, positionals };
}

function unknownFlag(
  raw: string,
  { command, names }: { readonly command: Command; readonly names: readonly string[] },
): SamocodeError {
  return new SamocodeError("usage", `Cannot use ${raw}: ${command.name} has no such flag`, {
    hint: didYouMean(raw, names.map((name) => `--${name}`)) ?? `See samocode ${command.name} --help`,
  });
}

function badFlag(problem: string, command: Command, advice = ""): SamocodeError {
  return new SamocodeError("usage", `Cannot understand the command line: ${problem}`, {
    hint: `${advice}See samocode ${command.name} --help`,
  });
}

const EXTRA_WORD = "The command's name comes first, and a text with spaces needs quotes. ";

function didYouMean(typed: string, names: readonly string[]): string | undefined {
  const letters = (word: string): string => [...word].sort().join("");
  const [nearest] = names
    .map((name) => ({
      name,
      distance: leven(typed.toLowerCase(), name),
      strays: leven(letters(typed.toLowerCase()), letters(name)),
    }))
    // Of two as near, the one with the same letters: they were typed in the wrong order.
    .sort((a, b) => a.distance - b.distance || a.strays - b.strays);
  const tolerable = Math.max(2, Math.floor(typed.length / 3));
  return nearest !== undefined && nearest.distance <= tolerable ? `Did you mean ${nearest.name}?` : undefined;
}
