/**
 * Answers an agent's questions for a human, and opens the gate when none is left.
 *
 * @module
 */
import { answerQuestions, readAnswer } from "../workflow/answer_questions.ts";
import { openQuestions, type Question, readQuestions, suggestedAnswer } from "../workflow/questions.ts";
import { readQuestionsDocument } from "../session/documents.ts";
import { takeLock } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../system/errors.ts";
import { writeAtomic } from "../system/files/files.ts";
import { type Status, statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";
import { wayOn } from "./way_on.ts";

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
 * @throws {SamocodeError} For an unknown question or option, while a worker has the session, and for other answers than
 * those that the agent has worked in.
 */
export function answerQa(samocode: Samocode, request: AnswerRequest): AnswerResult {
  using folder = openSession(samocode, request.session);
  using _lock = takeLock(folder.layout.lock, samocode.now());
  folder.journal.refresh();
  const text = readQuestionsDocument(folder.layout)?.text ?? "";
  const answers = collectAnswers(request, readQuestions(text));
  const after = answerQuestions(text, answers);
  if (isTooLate(folder, { text, after })) throw tooLate(statusOf(folder));
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

/** Nobody reads other answers once the agent went on with the first ones, and none at all when the work is over. */
function isTooLate(
  { history }: SessionFolder,
  { text, after }: { readonly text: string; readonly after: string },
): boolean {
  if (after === text) return false;
  if (history.outcome?.kind === "done") return true;
  if (history.pause?.for === "qa_answers") return false;
  const changed = readQuestions(after);
  return readQuestions(text).some(({ answer }, index) => answer !== undefined && answer !== changed[index]?.answer);
}

function tooLate(status: Status): SamocodeError {
  const { session, state, needs } = status;
  const change = `Tell its next iteration what is to change: resume_session, or samocode guide ${session} "…"`;
  const revise = `Send the plan back with what is to change: approve_plan, or samocode approve ${session} --reject "…"`;
  return new SamocodeError("conflict", "Cannot answer: the agent has gone on with the first answers", {
    hint: state === "done" ? wayOn(status) : needs === "approval" ? revise : change,
  });
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
