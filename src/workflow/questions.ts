/**
 * The questions in `_qa.md`: what the agent asks, what it suggests, and what the human answered.
 *
 * @module
 */
import {
  applyEdits,
  closingLine,
  columnsOf,
  type Edit,
  indentOf,
  insertBelow,
  type KeyLine,
  lineEnding,
  type MarkdownLine,
  markdownLines,
  readHeading,
  readKeyLine,
} from "./markdown_lines.ts";

/** One lettered option. */
export interface QuestionOption {
  /** Upper case, `A` to `Z`. */
  readonly letter: string;
  readonly text: string;
}

/** What the agent would choose. */
export interface Suggestion {
  /** The suggested option; `undefined` where the text does not begin with the letter of one. */
  readonly letter: string | undefined;
  /** All that it says, the letter included. */
  readonly text: string;
}

/** One question as it stands in the file. */
export interface Question {
  /** `Q1`, in upper case. Another round may use it again. */
  readonly id: string;
  readonly text: string;
  readonly options: readonly QuestionOption[];
  readonly suggestion: Suggestion | undefined;
  /** Lines are joined by `"\n"`; `undefined` where the question is still open. */
  readonly answer: string | undefined;
}

/** What a person's answer was read as. */
export type AnswerReading =
  | { readonly ok: true; readonly answer: string }
  | { readonly ok: false; readonly problem: string };

/** Reads all questions, in their order, repeated ids included. */
export function readQuestions(text: string): readonly Question[] {
  return locateQuestions(markdownLines(text)).map(({ question }) => question);
}

/** Reads the questions that nobody answered. */
export function openQuestions(text: string): readonly Question[] {
  return readQuestions(text).filter((question) => question.answer === undefined);
}

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

/** What accepting the suggestion means: its letter, or its text where it names no option. */
export function suggestedAnswer({ suggestion }: Question): string | undefined {
  return suggestion?.letter ?? suggestion?.text;
}

interface LocatedQuestion {
  readonly question: Question;
  /** The last line of the body that is not blank; the heading where there is none. */
  readonly last: MarkdownLine;
  readonly answer: AnswerLines | undefined;
}

interface AnswerLines {
  readonly key: KeyLine;
  readonly first: MarkdownLine;
  /** The lines below that belong to the answer. */
  readonly more: readonly MarkdownLine[];
}

function locateQuestions(lines: readonly MarkdownLine[]): readonly LocatedQuestion[] {
  const headings = lines.flatMap((line, index) => {
    const heading = readHeading(line);
    return heading !== undefined && heading.level <= 3 ? [{ line, index, ...heading }] : [];
  });
  return headings.flatMap(({ line, index, level, title }, place) => {
    const asked = level === 1 ? undefined : readTitle(title);
    if (asked === undefined) return [];
    const body = lines.slice(index + 1, headings[place + 1]?.index);
    const options = readOptions(body);
    const answer = findAnswer(body);
    return {
      question: {
        ...asked,
        options,
        suggestion: readSuggestion(body, options),
        answer: answer === undefined ? undefined : answerOf(answer),
      },
      last: body.findLast(({ text }) => text.trim() !== "") ?? line,
      answer,
    };
  });
}

/** `Q1: text`, also bold; a title that only begins with the letter Q is no question. */
function readTitle(title: string): Pick<Question, "id" | "text"> | undefined {
  const [all, mark = "", id = ""] = /^(\*\*|__)?(Q\d+(?:\.\d+)*[a-z]?)(?![\p{L}\p{N}])/iu.exec(title) ?? [];
  if (all === undefined) return undefined;
  const rest = mark === "" ? title.slice(all.length) : title.slice(all.length).replace(mark, "");
  return { id: id.toUpperCase(), text: rest.trim().replace(/^[:.)\u2013\u2014-]+/, "").trim() };
}

/** The first of each letter counts. */
function readOptions(body: readonly MarkdownLine[]): readonly QuestionOption[] {
  const options = new Map<string, string>();
  for (const line of body) {
    const option = readOption(line);
    if (option !== undefined && !options.has(option.letter)) options.set(option.letter, option.text);
  }
  return [...options].map(([letter, text]) => ({ letter, text }));
}

function readOption({ plain, text }: MarkdownLine): QuestionOption | undefined {
  const pattern = /^ {0,3}(?:[-*+][ \t]{1,16})?(\*\*|__)?([a-z])(?:\1[).]|[).]\1|[).])[ \t]+(?=\S)/i;
  const [all, mark = "", letter = ""] = (plain ? pattern.exec(text) : null) ?? [];
  if (all === undefined) return undefined;
  const rest = text.slice(all.length);
  const unclosed = mark !== "" && !all.slice(all.indexOf(mark) + mark.length).includes(mark);
  return { letter: letter.toUpperCase(), text: (unclosed ? rest.replace(mark, "") : rest).trim() };
}

/** "A good idea" names no option, and "A, B or both" not one. */
const LETTER_ALONE =
  /^(?:option[ \t]+)?(?:\*\*|__|[*_`])?\(?([a-z])(?:\*\*|__|[*_`])?[ \t]*(?![,/][ \t]*[a-z]\b)(?:$|[^\p{L}\p{N} \t'\u2019&+])/iu;

function readSuggestion(body: readonly MarkdownLine[], options: readonly QuestionOption[]): Suggestion | undefined {
  const text = body.map(readKeyLine).find((line) => line?.key === "suggestion")?.value ?? "";
  if (text === "") return undefined;
  const named = LETTER_ALONE.exec(text);
  const letter = named?.[1]?.toUpperCase();
  return { letter: options.some((option) => option.letter === letter) ? letter : undefined, text };
}

/** The last answer line counts; an indented line below it belongs to it, up to the first that is blank. */
function findAnswer(body: readonly MarkdownLine[]): AnswerLines | undefined {
  const index = body.findLastIndex((line) => readKeyLine(line)?.key === "answer");
  const first = body[index];
  const key = first === undefined ? undefined : readKeyLine(first);
  if (first === undefined || key === undefined) return undefined;
  const below = body.slice(index + 1);
  const end = below.findIndex(({ plain, text }) => !plain || text.trim() === "" || indentOf(text) < 4);
  return { key, first, more: end === -1 ? below : below.slice(0, end) };
}

function answerOf({ key, more }: AnswerLines): string | undefined {
  // A placeholder stays one, whatever an agent notes below it: only a human's words open the gate.
  if (key.value !== "" && saysNothing(key.value)) return undefined;
  const columns = continuationColumns(key);
  const below = more.map(({ text }) => unindented(text, columns).trimEnd());
  const answer = [key.value, ...below].filter((line) => line !== "").join("\n").trim();
  return saysNothing(answer) ? undefined : answer;
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

/** Four columns right of where the answer's own text may begin: there no Markdown mark has a meaning. */
function continuationColumns({ lead }: KeyLine): number {
  return columnsOf(lead) + 4;
}

function unindented(line: string, columns: number): string {
  let width = 0;
  let index = 0;
  for (; width < columns && (line[index] === " " || line[index] === "\t"); index++) {
    width += line[index] === "\t" ? 4 - width % 4 : 1;
  }
  return line.slice(index);
}

/** Lines without trailing space, control characters and blank ones, joined by `"\n"`. */
function tidy(answer: string): string {
  return answer.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.replace(/(?!\t)\p{Cc}/gu, " ").trimEnd())
    .filter((line) => line !== "")
    .join("\n")
    .trim();
}

/** Tells whether a value is empty, a comment or the placeholder, with or without something after it. */
function saysNothing(value: string): boolean {
  const said = withoutComments(value).trim();
  return said === "" || /^[*_(]*waiting[*_).\u2026]*$/i.test(said) || /^[*_(]+waiting[*_)]+(?!\p{L})/iu.test(said);
}

function withoutComments(value: string): string {
  let said = "";
  let index = 0;
  for (;;) {
    const start = value.indexOf("<!--", index);
    const end = start === -1 ? -1 : value.indexOf("-->", start);
    if (end === -1) return said + value.slice(index);
    said += value.slice(index, start);
    index = end + 3;
  }
}
