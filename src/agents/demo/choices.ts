/**
 * The two decisions that the demo leaves to the user, as read from answers and feedback.
 *
 * @module
 */
import { readQuestions } from "../../workflow/questions.ts";
import type { Facts } from "./data.ts";

/** How `tally --top` should behave. */
export interface DemoChoices {
  /** How many words it prints without `--top`; 0 for all. */
  readonly limit: number;
  /** Which of two equally frequent words comes first; also the name of a folder in `demo/patches/`. */
  readonly ties: "alphabetical" | "first-seen";
}

/** Reads the answers in `_qa.md`: a letter, a number, or the words of an option. Defaults to the suggestion. */
export function answeredChoices(qa: string): DemoChoices {
  const questions = readQuestions(qa);
  const [first = "", second = ""] = ["Q1", "Q2"].map((id) => questions.find((one) => one.id === id)?.answer);
  const number = /(?<!\d)\d{1,3}(?!\d)/.exec(first)?.[0] ?? (/\b(?:all|everything)\b/i.test(first) ? 0 : undefined);
  return {
    limit: Number(optionOf(first, { a: 0, b: 10, inWords: number })),
    ties: optionOf(second, { a: "alphabetical", b: "first-seen", inWords: tiesIn(second) }),
  };
}

/** Reads choices from a plan, or from feedback on it, as far as keywords can tell. */
export function choicesIn(text: string): Partial<DemoChoices> {
  const limit = /\b(?:default|without|print|show)\D{0,40}\b(\d{1,3})\b/i.exec(text)?.[1] ??
    (/\ball\b.{0,20}\bdefault|\b(?:default|without)\b.{0,20}\ball\b/i.test(text) ? 0 : undefined);
  const ties = tiesIn(text);
  return { ...(limit === undefined ? {} : { limit: Number(limit) }), ...(ties === undefined ? {} : { ties }) };
}

/** The choices as values for texts and patches. */
export function choiceFacts({ limit, ties }: DemoChoices): Facts {
  const isAlphabetical = ties === "alphabetical";
  return {
    limit,
    ties,
    printed: limit === 0 ? "all words" : limit === 1 ? "1 word, the most frequent" : `the ${limit} most frequent words`,
    lines: limit === 0 ? 1000 : limit,
    order: isAlphabetical ? "in alphabetical order" : "in order of first appearance",
    first: isAlphabetical ? "apple" : "pear",
  };
}

/** `A`, `b)` and `Option A` take precedence over other words; "B please" is the last resort. "A few" is not a letter. */
function optionOf<T>(
  answer: string,
  { a, b, inWords }: { readonly a: T; readonly b: T; readonly inWords: T | undefined },
): T {
  const letter = /^\W*(?:option\s+)?([ab])(?:\s*$|\s*[).:,;-])/i.exec(answer)?.[1];
  if (letter !== undefined) return /a/i.test(letter) ? a : b;
  return inWords ?? (/^\W*(?:option\s+)?b\b/i.test(answer) ? b : a);
}

function tiesIn(text: string): DemoChoices["ties"] | undefined {
  if (/alphabet/i.test(text)) return "alphabetical";
  return /first seen|(?:order|has|in) (?:of |in )?the text|appear|occur/i.test(text) ? "first-seen" : undefined;
}
