/**
 * Writes a human's answers into `_qa.md`.
 *
 * @module
 */
import { applyEdits, type Edit, insertBelow, lineEnding } from "../text/markdown_edits.ts";
import { closingLine, markdownLines } from "../text/markdown_lines.ts";
import { continuationColumns, type LocatedQuestion, locateQuestions, type Question } from "./questions.ts";
import { saysNothing } from "../text/says_nothing.ts";

/** What a person's answer was read as. */
export type AnswerReading =
  | { readonly ok: true; readonly answer: string }
  | { readonly ok: false; readonly problem: string };

/**
 * Writes answers and leaves every other byte. An answer goes to the last open question with its id, else to the last
 * one. Further lines of an answer are indented by four columns, which makes them text whatever they say; its blank
 * lines are dropped. An id that no question has, and an answer that says nothing, change nothing.
 *
 * Writing the same answers again changes nothing. For an id that stands there twice this means: where the question
 * that would be next, or one below it, has this very answer, it is taken for the repetition that it looks like.
 *
 * @param answers Answers by question id, as {@linkcode readAnswer} gives them.
 */
export function answerQuestions(text: string, answers: ReadonlyMap<string, string>): string {
  const lines = markdownLines(text);
  const located = locateQuestions(lines);
  const byId = new Map([...answers].map(([id, answer]) => [id.trim().toUpperCase(), tidy(answer)]));
  const edits = [...byId].flatMap(([id, answer]) => {
    const target = saysNothing(answer)
      ? undefined
      : targetOf(located.filter(({ question }) => question.id === id), answer);
    return target === undefined ? [] : answerEdits(target, answer, { eol: lineEnding(lines), text });
  });
  return applyEdits(text, edits);
}

/**
 * Reads what a person answered: the letter of an option in either case, or free text.
 *
 * @returns The answer as it will stand in the file, or the problem in words for the person.
 */
export function readAnswer(question: Question, text: string): AnswerReading {
  const answer = tidy(text);
  if (saysNothing(answer)) return { ok: false, problem: `${question.id} needs an answer that says something` };
  if (question.options.length === 0 || !/^\p{L}$/u.test(answer)) return { ok: true, answer };
  const letter = answer.toUpperCase();
  if (question.options.some((option) => option.letter === letter)) return { ok: true, answer: letter };
  const letters = question.options.map((option) => option.letter).join(", ");
  return { ok: false, problem: `${question.id} cannot be ${answer}: the options are ${letters}` };
}

/**
 * The question that an answer is meant for. What stands above the last open question belongs to earlier rounds; what
 * stands below it may be this answer, written before.
 */
function targetOf(questions: readonly LocatedQuestion[], answer: string): LocatedQuestion | undefined {
  const lastOpen = questions.findLastIndex(({ question }) => question.answer === undefined);
  if (questions.slice(lastOpen + 1).some(({ question }) => question.answer === answer)) return undefined;
  return lastOpen === -1 ? questions.at(-1) : questions[lastOpen];
}

function answerEdits(
  { answer: place, last }: LocatedQuestion,
  answer: string,
  { eol, text }: { readonly eol: string; readonly text: string },
): readonly Edit[] {
  const lines = answer.split("\n");
  // Such a first line beside the key would read as the placeholder; below it, it is one line of many.
  const [first = "", ...more] = lines.length > 1 && saysNothing(lines[0] ?? "") ? ["", ...lines] : lines;
  if (place === undefined) {
    const closing = last.end + last.eol.length >= text.trimEnd().length ? closingLine(text) : undefined;
    const added = [`**Answer:**${first === "" ? "" : ` ${first}`}`, ...more.map((line) => " ".repeat(4) + line)];
    return [insertBelow(last, closing === undefined ? added : [closing, ...added], { eol })];
  }
  const margin = (place.first.eol || eol) + " ".repeat(continuationColumns(place.key));
  const below = more.map((line) => margin + line).join("");
  return [
    place.key.edit(first),
    { start: place.first.end, end: place.more.at(-1)?.end ?? place.first.end, text: below },
  ];
}

/** Lines without trailing space, control characters and blank ones, joined by `"\n"`. */
function tidy(answer: string): string {
  return answer.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.replace(/(?!\t)\p{Cc}/gu, " ").trimEnd())
    .filter((line) => line !== "")
    .join("\n")
    .trim();
}
