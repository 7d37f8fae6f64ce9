/**
 * The names of accounts, pools and labels, as people type them.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { WORD } from "./schema.ts";

/** What such a name is of, as an error says it. */
const KINDS = { account: "an account", pool: "a pool", label: "a label" } as const;

/**
 * Checks one.
 *
 * @throws {SamocodeError} If the fleet's tables do not take it.
 */
export function checkWord(word: string, kind: keyof typeof KINDS): string {
  if (WORD.test(word)) return word;
  throw new SamocodeError("usage", `Cannot use ${JSON.stringify(plainText(word, 80))} as ${KINDS[kind]}`, {
    hint: "Use letters, digits, hyphens and underscores, at most 60",
  });
}
