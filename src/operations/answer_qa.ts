/**
 * Answers an agent's questions for a human, and opens the gate when none is left.
 *
 * @module
 */
import {
  answerQuestions,
  openQuestions,
  type Question,
  readAnswer,
  readQuestions,
  suggestedAnswer,
} from "../workflow/questions.ts";
import { readQuestionsDocument } from "../session/documents.ts";
import { takeLock } from "../session/lock.ts";
import { SamocodeError } from "../system/errors.ts";
import { writeAtomic } from "../system/files.ts";
import { type Status, statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** Answers, by question id. */
export interface AnswerRequest {
  readonly session: string;
  readonly answers: Readonly<Record<string, string>>;
  /** Answers every open question that has a suggestion and is not answered here with that suggestion. */
  readonly acceptSuggestions: boolean;
  /** Who decided, for the record. */
  readonly by: string;
}

/** What an answering came to. */
export interface AnswerResult {
  readonly answered: readonly string[];
  readonly status: Status;
}

/**
 * Writes answers into `_qa.md`. All or none: one wrong answer and nothing is written. Answering the same again changes
 * nothing.
 *
 * @throws {SamocodeError} For an unknown question or option, and while a worker has the session.
 */
export function answerQa(samocode: Samocode, request: AnswerRequest): AnswerResult {
  using folder = openSession(samocode, request.session);
  using _lock = takeLock(folder.layout.lock, samocode.now());
  folder.journal.refresh();
  const text = readQuestionsDocument(folder.layout)?.text ?? "";
  const answers = collectAnswers(request, readQuestions(text));
  const after = answerQuestions(text, answers);
  if (after !== text) writeAtomic(folder.layout.questions, after);
  const answered = [...answers.keys()];
  if (after !== text) folder.journal.append({ type: "answers.given", ids: answered, by: request.by });
  const { pause, gates } = folder.history;
  const asked = answered.length > 0 || request.acceptSuggestions;
  if (asked && pause?.for === "qa_answers" && gates.qa_answers === undefined && openQuestions(after).length === 0) {
    const document = readQuestionsDocument(folder.layout);
    folder.journal.append({
      type: "gate.opened",
      gate: "qa_answers",
      by: request.by,
      document: document?.name,
      sha256: document?.sha256,
    });
  }
  return { answered, status: statusOf(folder) };
}

function collectAnswers(
  { answers, acceptSuggestions }: AnswerRequest,
  questions: readonly Question[],
): ReadonlyMap<string, string> {
  const problems: string[] = [];
  const collected = new Map<string, string>();
  for (const [id, text] of Object.entries(answers)) {
    const sameId = questions.filter((question) => question.id === id.trim().toUpperCase());
    const question = sameId.findLast(({ answer }) => answer === undefined) ?? sameId.at(-1);
    if (question === undefined) {
      problems.push(`there is no question ${id}`);
      continue;
    }
    const read = readAnswer(question, text);
    if (read.ok) collected.set(question.id, read.answer);
    else problems.push(read.problem);
  }
  if (problems.length > 0) {
    const ids = questions.filter(({ answer }) => answer === undefined).map(({ id }) => id);
    throw new SamocodeError("usage", `Cannot answer: ${problems.join("; ")}`, {
      hint: ids.length === 0 ? "No question is open" : `Open are ${ids.join(", ")}; nothing was written`,
    });
  }
  if (!acceptSuggestions) return collected;
  for (const question of questions) {
    const suggestion = suggestedAnswer(question);
    if (question.answer === undefined && suggestion !== undefined && !collected.has(question.id)) {
      collected.set(question.id, suggestion);
    }
  }
  return collected;
}
