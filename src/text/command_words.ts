/**
 * A command as a person writes it on one line, read as a list of arguments. No shell ever sees it.
 *
 * @module
 */

/** The arguments of a command, or what is wrong with its line. */
export type CommandReading =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "unclear"; readonly problem: string };

/** What means something to a shell outside of quotes: kept as it is, it would promise what nobody does. */
const SHELL_ONLY = /[|&;<>()$`*?]/;

/**
 * Reads a line: words between spaces; '…' holds anything but ', in "…" and outside of quotes \ takes the next character
 * as it is, and a word that begins with # is a comment. An empty line has no words.
 */
export function readCommand(line: string): CommandReading {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    let char = line.charAt(at);
    if (char === "\\" && quote !== "'") {
      if (++at === line.length) return unclear("it ends in a backslash");
      char = line.charAt(at);
      // In a double-quoted Windows path, most backslashes are themselves.
      word = `${word ?? ""}${quote === '"' && char !== '"' && char !== "\\" ? "\\" : ""}${char}`;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "#" && word === undefined) {
      break;
    } else if (SHELL_ONLY.test(char)) {
      return unclear(`no shell reads it, so ${char} has no meaning. Put it in quotes, or the command into a script`);
    } else word = (word ?? "") + char;
  }
  if (quote !== "") return unclear(`the quote ${quote} is not closed`);
  return { kind: "words", words: word === undefined ? words : [...words, word] };
}

/** Writes a command so that {@linkcode readCommand} reads the same again. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => /^[\w./+@%:,=^~!{}[\]-][\w./+@%:,=^~!{}[\]#-]*$/.test(word) ? word : quoted(word)).join(
    " ",
  );
}

function quoted(word: string): string {
  return word.includes("'") ? `"${word.replace(/["\\]/g, "\\$&")}"` : `'${word}'`;
}

function unclear(problem: string): CommandReading {
  return { kind: "unclear", problem };
}
