/**
 * Checks the names of accounts, pools and labels that people type.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { WORD } from "./schema.ts";

/** The kinds of names, as errors call them. */
const KINDS = { account: "an account", pool: "a pool", label: "a label" } as const;

/**
 * Checks a name.
 *
 * @throws {SamocodeError} If the fleet's tables would refuse it.
 */
export function checkWord(word: string, kind: keyof typeof KINDS): string {
  if (WORD.test(word)) return word;
  throw new SamocodeError("usage", `Cannot use ${JSON.stringify(plainText(word, 80))} as ${KINDS[kind]}`, {
    hint: "Use letters, digits, hyphens and underscores, at most 60",
  });
}
