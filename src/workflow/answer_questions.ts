/**
 * Writes a human's answers into `_qa.md`.
 *
 * @module
 */
import { applyEdits, type Edit, insertBelow, lineEnding } from "../text/markdown_edits.ts";
import { closingLine, markdownLines } from "../text/markdown_lines.ts";
import { continuationColumns, type LocatedQuestion, locateQuestions, type Question, saysNothing } from "./questions.ts";

/** A person's answer, or why it is none. */
export type AnswerReading =
  | { readonly ok: true; readonly answer: string }
  | { readonly ok: false; readonly problem: string };

/**
 * Writes answers and leaves every other byte. An answer goes to the last open question with its id, else to the last
 * one. Further lines of an answer are indented by four columns, so that they are text whatever they say; its blank lines
 * are dropped. Unknown ids and empty answers are ignored.
 *
 * Writing the same answers again changes nothing: if a repeated id has this answer below its last open question, the
 * answer is taken as already written.
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
 * Reads a person's answer: an option's letter in either case, or free text.
 *
 * @returns The answer to write into the file, or the problem in words for the person.
 */
export function readAnswer(question: Question, text: string): AnswerReading {
  const answer = tidy(text);
  if (saysNothing(answer)) return { ok: false, problem: `${question.id} needs an answer` };
  if (question.options.length === 0 || !/^\p{L}$/u.test(answer)) return { ok: true, answer };
  const letter = answer.toUpperCase();
  if (question.options.some((option) => option.letter === letter)) return { ok: true, answer: letter };
  const letters = question.options.map((option) => option.letter).join(", ");
  return { ok: false, problem: `${question.id} cannot be ${answer}: the options are ${letters}` };
}

/**
 * The question that an answer is meant for. Questions above the last open one belong to earlier rounds; one below it may
 * already have this answer.
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
  // Beside the key, a first line such as "-" would read as the placeholder.
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
