/**
 * What the human's answers and remarks come to: the few things that the script can do in more than one way.
 *
 * @module
 */

/** In what order equally frequent words are printed. */
export type TieOrder = "alphabetical" | "first seen";

/** How `--top` is to behave. */
export interface DemoChoices {
  /** How many words are printed without `--top`; 0 for all. */
  readonly limit: number;
  readonly ties: TieOrder;
}

/** A question as it stands in `_qa.md`; only what the script needs of it. */
export interface AnsweredQuestion {
  readonly id: string;
  readonly answer: string | undefined;
}

/** What the agent suggests itself. */
const SUGGESTED: DemoChoices = { limit: 0, ties: "alphabetical" };

/** The questions of the requirements phase, as they stand in `_qa.md`. */
export const DEMO_QUESTIONS =
  `### Q1: How many words should tally print when --top is not given? A letter, or any number

A) All of them, as today
B) The 10 most frequent

**Suggestion:** A - nobody's scripts see a difference
**Answer:** _waiting_

### Q2: Which of two equally frequent words should come first?

A) The first in alphabetical order, as today
B) The one that the text has first

**Suggestion:** A - the same words then always come out in the same order
**Answer:** _waiting_
`;

/**
 * Understands the answers: a letter, an option's own words, a number. Where an answer says none of that, the
 * suggestion stands.
 */
export function choicesFrom(questions: readonly AnsweredQuestion[]): DemoChoices {
  const [first = "", second = ""] = ["Q1", "Q2"].map((id) => questions.find((question) => question.id === id)?.answer);
  return {
    limit: readLimit(first) ?? SUGGESTED.limit,
    ties: readTies(second) ?? SUGGESTED.ties,
  };
}

/** What a remark on the plan asks for, as far as the script understands it. */
export function choicesIn(
  remark: string,
): { readonly limit: number | undefined; readonly ties: TieOrder | undefined } {
  const number = /(?:default|without|print|show)\D{0,40}\b(\d{1,3})\b/i.exec(remark)?.[1];
  const all = /\ball\b.{0,20}\bdefault|\bdefault\b.{0,20}\ball\b/i.test(remark);
  return { limit: number !== undefined ? Number(number) : all ? 0 : undefined, ties: tiesInWords(remark) };
}

/** How many words are printed without `--top`, in words. */
export function limitInWords(limit: number): string {
  return limit === 0 ? "all words" : limit === 1 ? "the most frequent word" : `the ${limit} most frequent words`;
}

/** In what order equally frequent words are printed, in words. */
export function tiesInFull(ties: TieOrder): string {
  return ties === "alphabetical" ? "in alphabetical order" : "in the order of the text";
}

function readLimit(answer: string): number | undefined {
  const letter = readLetter(answer);
  if (letter === "A") return 0;
  if (letter === "B") return 10;
  const number = /(?<!\d)\d{1,3}(?!\d)/.exec(answer)?.[0];
  if (number !== undefined) return Number(number);
  if (/\b(?:all|everything)\b/i.test(answer)) return 0;
  return looseLetter(answer) === "B" ? 10 : undefined;
}

function readTies(answer: string): TieOrder | undefined {
  const letter = readLetter(answer);
  if (letter === "A") return "alphabetical";
  if (letter === "B") return "first seen";
  return tiesInWords(answer) ?? (looseLetter(answer) === "B" ? "first seen" : undefined);
}

function tiesInWords(text: string): TieOrder | undefined {
  if (/alphabet/i.test(text)) return "alphabetical";
  return /first seen|(?:order|has|in) (?:of |in )?the text|appear|occur/i.test(text) ? "first seen" : undefined;
}

/** `A`, `b`, `A)`, `Option A`, `A) All of them`, `A - because`; `A few` is an article, not a letter. */
function readLetter(answer: string): string | undefined {
  return /^\W*(?:option\s+)?([a-z])(?:\s*$|\s*[).:,;-])/i.exec(answer)?.[1]?.toUpperCase();
}

function looseLetter(answer: string): string | undefined {
  return /^\W*(?:option\s+)?([a-z])\b/i.exec(answer)?.[1]?.toUpperCase();
}
