/**
 * The lines of `.samocode`. Those of {@linkcode CHECKS} count all; of others with the same name, the last one.
 *
 * @module
 */
import { parse as parseEnvFile } from "dotenv";
import { readCommand } from "../text/command_words.ts";

/** The name of lines with a command that checks the work. */
export const CHECKS = "CHECK";

/** Far more than a project has; each takes time at every end. */
const MAX_COMMANDS = 20;

/** What a person can read through before they trust it. */
const MAX_LENGTH = 1_000;

/** Reads the values of a file; the commands of checks as one value, one in each line. */
export function readProjectLines(text: string): Readonly<Record<string, string>> {
  const commands = [...text.matchAll(/^[ \t\ufeff]*(?:export[ \t]+)?CHECK(?:[ \t]*=|:[ \t])(.*)$/gm)].map((
    [, value = ""],
  ) => value.trim());
  return { ...parseEnvFile(text), ...(commands.length > 0 && { [CHECKS]: commands.join("\n") }) };
}

/** The commands in a value, each a list of arguments; lines without words do not count. */
export function readCommands(value: string): readonly (readonly string[])[] {
  return value.split("\n").map(readCommand)
    .flatMap((found) => found.kind === "words" && found.words.length > 0 ? [found.words] : []);
}

/** What is wrong with such a value; `undefined` if nothing is. */
export function problemWithCommands(value: string): string | undefined {
  const lines = value.split("\n");
  if (lines.length > MAX_COMMANDS) return `there are ${lines.length} such lines. Use at most ${MAX_COMMANDS}`;
  for (const line of lines) {
    const shown = JSON.stringify(line.slice(0, 80));
    if (line.length > MAX_LENGTH) return `${shown} is too long. Put the command into a script`;
    if (/\p{Cc}/u.test(line.replaceAll("\t", " "))) return `${shown} has a control character. Remove it`;
    const found = readCommand(line);
    if (found.kind === "unclear") return `${shown}: ${found.problem}`;
  }
  return undefined;
}
