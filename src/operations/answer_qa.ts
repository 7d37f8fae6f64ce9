/**
 * Answers an agent's questions for a human, and opens the gate once all of them are answered.
 *
 * @module
 */
import { answerQuestions, type AnswerReading, readAnswer } from "../workflow/answer_questions.ts";
import { gateOpenedBy } from "../workflow/gates.ts";
import { hintFor } from "../workflow/next_action.ts";
import {
  openQuestions,
  type Question,
  questionContext,
  readQuestions,
  suggestedAnswer,
} from "../workflow/questions.ts";
import { readQuestionsDocument } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { writeAtomic } from "../system/files/files.ts";
import { handOver, lockIfHere } from "./hand_over.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { refuseRunning } from "./refuse_running.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** What a human answers. */
export interface Answers {
  /** By question id. */
  readonly answers: Readonly<Record<string, string>>;
  /** Answers the other open questions with their suggestions, if they have one. */
  readonly acceptSuggestions: boolean;
  /** The hash of the questions that the human was shown, where they are shown in one place and answered in another. */
  readonly sha256?: string;
  /** Who decided; recorded in the journal. */
  readonly by: string;
}

/** The result of answering. */
export interface AnswerResult {
  readonly answered: readonly string[];
  readonly status: Status;
}

/**
 * Writes answers to `_qa.md`, all or none. Repeating the same answers changes nothing.
 *
 * @throws {SamocodeError} For an unknown question or option, if the session is locked, and for answers that differ from
 * those that the agent has already used.
 */
export async function answerQa(folder: SessionFolder, request: Answers): Promise<AnswerResult> {
  refuseRunning(folder, "answer");
  const answered = await write(folder, request);
  // Without the lock: whoever holds it looks like a worker.
  return { answered, status: statusOf(folder) };
}

async function write(folder: SessionFolder, request: Answers): Promise<readonly string[]> {
  using _lock = await lockIfHere(folder);
  const shown = readQuestionsDocument(folder.layout);
  const text = shown?.text ?? "";
  if (request.sha256 !== undefined && request.sha256 !== shown?.sha256) {
    throw new SamocodeError("conflict", "Cannot answer: the questions changed since they were shown", {
      hint: "Read them again",
    });
  }
  const answers = collectAnswers(request, readQuestions(text), statusOf(folder).next);
  const after = answerQuestions(text, answers);
  if (isTooLate(folder, { text, after })) throw tooLate(statusOf(folder));
  const { acceptSuggestions } = request;
  const act = { verb: "answer", answers: request.answers, acceptSuggestions, sha256: shown?.sha256 } as const;
  if (await handOver(folder, act, request.by)) return [...answers.keys()];
  if (after !== text) writeAtomic(folder.layout.questions, after);
  const answered = [...answers.keys()];
  const { name: document, sha256 } = readQuestionsDocument(folder.layout) ?? {};
  if (after !== text) folder.journal.append({ type: "answers.given", ids: answered, by: request.by, sha256 });
  const asked = answered.length > 0 || request.acceptSuggestions;
  if (asked && awaitsAnswers(folder) && openQuestions(after).length === 0) {
    folder.journal.append({ type: "gate.opened", gate: GATE, by: request.by, document, sha256 });
  }
  return answered;
}

const GATE = gateOpenedBy("answer");

/** Answers, and resumes the session in the background once no question is open. */
export async function answerAndResume(samocode: Samocode, folder: SessionFolder, answers: Answers): Promise<Status> {
  const { status } = await answerQa(folder, answers);
  if (folder.elsewhere !== undefined || status.state === "running" || status.needs !== "none") return status;
  const { resumeSession } = await import("./resume_session.ts");
  return await resumeSession(samocode, folder, { by: answers.by });
}

/** Whether a session rests at its questions and nobody has recorded a decision; `_qa.md` may have been edited by hand. */
export function awaitsAnswers({ history: { pause, gates } }: SessionFolder): boolean {
  return pause?.for === GATE && gates[GATE] === undefined;
}

/** All that is answered in `_qa.md`, if somebody edited it since it was shown or answers were recorded. */
export function answeredByHand({ history: { shown, answered }, layout }: SessionFolder): readonly Question[] {
  const { text = "", sha256 } = readQuestionsDocument(layout) ?? {};
  if (sha256 === shown?.sha256 || sha256 === answered) return [];
  return readQuestions(text).filter(({ answer }) => answer !== undefined);
}

/** Whether `_qa.md` already has exactly these answers: a client that got no reply sends them again. */
export function isAnswered({ layout }: SessionFolder, given: Answers["answers"]): boolean {
  const questions = readQuestions(readQuestionsDocument(layout)?.text ?? "");
  const answers = Object.entries(given);
  return answers.length > 0 && answers.every(([id, text]) => {
    const question = questions.findLast((one) => one.id === id.trim().toUpperCase());
    const read = question && readAnswer(question, text);
    return read?.ok === true && read.answer === question?.answer;
  });
}

/**
 * Reads what a person typed at a question. Empty input takes the suggestion.
 *
 * @returns `undefined` if nothing was typed and nothing is suggested; the question stays open.
 */
export function readTypedAnswer(question: Question, typed: string): AnswerReading | undefined {
  const text = typed.trim() === "" ? suggestedAnswer(question) : typed;
  return text === undefined ? undefined : readAnswer(question, text);
}

/** What `_qa.md` says around a question. */
export function contextOf(
  samocode: Samocode,
  { session, question }: { readonly session: string; readonly question: Question },
): string {
  using folder = openSession(samocode, session, { readOnly: true });
  return questionContext(readQuestionsDocument(folder.layout)?.text ?? "", question);
}

/** Nobody reads other answers once the agent has used the first ones, and none once the work is done. */
function isTooLate(
  { history }: SessionFolder,
  { text, after }: { readonly text: string; readonly after: string },
): boolean {
  if (after === text) return false;
  if (history.outcome?.kind === "done") return true;
  if (history.pause?.for === GATE) return false;
  const changed = readQuestions(after);
  return readQuestions(text).some(({ answer }, index) => answer !== undefined && answer !== changed[index]?.answer);
}

function tooLate({ session, state, needs, next }: Status): SamocodeError {
  const revise = { hint: "Send the plan back and say what to change", actions: [{ verb: "revise", session }] } as const;
  const guide = { hint: "Tell the next iteration what to change", actions: [{ verb: "guide", session }] } as const;
  return new SamocodeError(
    "conflict",
    "Cannot answer: the agent has already used the first answers",
    state === "done" ? hintFor(next) : needs === "approval" ? revise : guide,
  );
}

function collectAnswers(
  { answers, acceptSuggestions }: Answers,
  questions: readonly Question[],
  next: Status["next"],
): Map<string, string> {
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
    if (ids.length === 0) {
      throw new SamocodeError("usage", `Cannot answer: ${problems.join("; ")}; no question is open`, hintFor(next));
    }
    throw new SamocodeError("usage", `Cannot answer: ${problems.join("; ")}`, {
      hint: `Open questions: ${ids.join(", ")}; nothing was written`,
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
