/**
 * Reads `_qa.md`: what the agent asks and suggests, and what the human answered.
 *
 * @module
 */
import { type KeyLine, readKeyLine } from "../text/markdown_edits.ts";
import { columnsOf, indentOf, type MarkdownLine, markdownLines, readHeading } from "../text/markdown_lines.ts";

/** One lettered option. */
export interface QuestionOption {
  /** Upper case, `A` to `Z`. */
  readonly letter: string;
  readonly text: string;
}

/** What the agent would choose. */
export interface Suggestion {
  /** The suggested option; `undefined` if the text does not begin with an option's letter. */
  readonly letter: string | undefined;
  /** The whole text, with the letter. */
  readonly text: string;
}

/** One question in the file. */
export interface Question {
  /** `Q1`, in upper case. A later round may use it again. */
  readonly id: string;
  readonly text: string;
  readonly options: readonly QuestionOption[];
  readonly suggestion: Suggestion | undefined;
  /** Lines joined by `"\n"`; `undefined` while the question is open. */
  readonly answer: string | undefined;
}

/** Reads all questions in order, including repeated ids. */
export function readQuestions(text: string): readonly Question[] {
  return locateQuestions(markdownLines(text)).map(({ question }) => question);
}

/** Reads the unanswered questions. */
export function openQuestions(text: string): readonly Question[] {
  return readQuestions(text).filter((question) => question.answer === undefined);
}

/** The text of a question as it stands, with what leads to it from the one before. */
export function questionContext(text: string, { id }: Pick<Question, "id">): string {
  const located = locateQuestions(markdownLines(text));
  const at = located.findLastIndex(({ question }) => question.id === id);
  const found = located[at];
  return found === undefined ? "" : text.slice(located[at - 1]?.last.end ?? 0, found.last.end).trim();
}

/** The answer that accepts the suggestion: its letter, or its text if it names no option. */
export function suggestedAnswer({ suggestion }: Question): string | undefined {
  return suggestion?.letter ?? suggestion?.text;
}

/** A question and its place in the file. */
export interface LocatedQuestion {
  readonly question: Question;
  /** The last line that is not blank; the heading if the body is empty. */
  readonly last: MarkdownLine;
  readonly answer: AnswerLines | undefined;
}

/** The lines of an answer or placeholder. */
export interface AnswerLines {
  readonly key: KeyLine;
  readonly first: MarkdownLine;
  /** The lines below that belong to the answer. */
  readonly more: readonly MarkdownLine[];
}

/** Finds all questions in order, including repeated ids. */
export function locateQuestions(lines: readonly MarkdownLine[]): readonly LocatedQuestion[] {
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

/** Reads `Q1: text`, also in bold. */
function readTitle(title: string): Pick<Question, "id" | "text"> | undefined {
  const [all, mark = "", id = ""] = /^(\*\*|__)?(Q\d+(?:\.\d+)*[a-z]?)(?![\p{L}\p{N}])/iu.exec(title) ?? [];
  if (all === undefined) return undefined;
  const rest = mark === "" ? title.slice(all.length) : title.slice(all.length).replace(mark, "");
  return { id: id.toUpperCase(), text: rest.trim().replace(/^[:.)\u2013\u2014-]+/, "").trim() };
}

/** Reads the options; of a repeated letter the first counts. */
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

/** "A good idea" and "A, B or both" name no single option. */
const LETTER_ALONE =
  /^(?:option[ \t]+)?(?:\*\*|__|[*_`])?\(?([a-z])(?:\*\*|__|[*_`])?[ \t]*(?![,/][ \t]*[a-z]\b)(?:$|[^\p{L}\p{N} \t'\u2019&+])/iu;

function readSuggestion(body: readonly MarkdownLine[], options: readonly QuestionOption[]): Suggestion | undefined {
  const text = body.map(readKeyLine).find((line) => line?.key === "suggestion")?.value ?? "";
  if (text === "") return undefined;
  const named = LETTER_ALONE.exec(text);
  const letter = named?.[1]?.toUpperCase();
  return { letter: options.some((option) => option.letter === letter) ? letter : undefined, text };
}

/** The last answer line counts, with the indented lines below it up to a blank one. */
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
  // A placeholder is no answer, whatever an agent writes below it: only a human's words open the gate.
  if (key.value !== "" && saysNothing(key.value)) return undefined;
  const columns = continuationColumns(key);
  const below = more.map(({ text }) => unindented(text, columns).trimEnd());
  const answer = [key.value, ...below].filter((line) => line !== "").join("\n").trim();
  return saysNothing(answer) ? undefined : answer;
}

/** Four columns right of where the answer's text may begin, where Markdown marks have no meaning. */
export function continuationColumns({ lead }: KeyLine): number {
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

/** Tells whether a value is empty, a comment, a question mark or the placeholder `waiting`. */
export function saysNothing(value: string): boolean {
  const said = withoutComments(value).trim();
  return /^\?*$/.test(said) || /^[*_(]*waiting[*_).\u2026]*$/i.test(said) ||
    /^[*_(]+waiting[*_)]+(?!\p{L})/iu.test(said);
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
