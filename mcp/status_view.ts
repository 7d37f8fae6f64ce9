/**
 * A session's status for the parent: small, and harmless whatever the session's agents wrote.
 *
 * @module
 */
import type { Status } from "../src/operations/read_status.ts";
import { plainText } from "../src/text/terminal_text.ts";
import type { Question } from "../src/workflow/questions.ts";
import { nextTool, type ToolHint } from "./tool_for.ts";

/** A question, word for word. */
export interface QuestionView {
  readonly id: string;
  readonly question: string;
  readonly options?: readonly string[];
  readonly suggestion?: string;
}

/** The `structuredContent`. Unknown and empty fields are left out. */
export interface StatusView {
  readonly session: string;
  readonly state: Status["state"];
  readonly phase: Status["phase"];
  readonly iteration: number;
  readonly needs?: Status["needs"];
  /** The tool to call next, with its known arguments. */
  readonly next?: ToolHint;
  readonly detail?: string;
  readonly activity?: string;
  readonly note?: string;
  readonly questions?: readonly QuestionView[];
  /** How many more questions are in `_qa.md`. */
  readonly moreQuestions?: number;
  readonly plan?: {
    readonly path: string;
    readonly sha256: string;
    readonly done: number;
    readonly total: number;
  };
  /** The latest events, newest last. */
  readonly events?: readonly string[];
  readonly costUsd?: number;
  readonly cursor: number;
}

/** The largest status as JSON, without its questions. */
export const MAX_STATUS_BYTES = 1000;

/** The largest list of questions; for more, the parent reads the file. */
export const MAX_QUESTIONS_BYTES = 12_000;

const MAX_EVENTS = 4;

/** Makes the parent's view of a status. */
export function viewStatus(status: Status): StatusView {
  const { needs, plan, costUsd } = status;
  const next = nextTool(status.next);
  const view: StatusView = {
    session: status.session,
    state: status.state,
    phase: status.phase,
    iteration: status.iteration,
    ...(needs === "none" ? {} : { needs }),
    ...(next === undefined ? {} : { next }),
    ...optional("detail", plainText(status.detail, 240)),
    ...optional("activity", plainText(status.activity, 80)),
    ...optional("note", plainText(status.note, 120)),
    ...(needs === "approval" && plan !== undefined ? { plan: { ...plan, path: plainText(plan.path, 100) } } : {}),
    events: status.events.slice(-MAX_EVENTS),
    ...(costUsd === undefined ? {} : { costUsd: Number(costUsd.toFixed(4)) }),
    cursor: status.cursor,
  };
  return { ...fitted(view), ...viewQuestions(status.questions) };
}

/** Drops the least important parts until it fits. */
function fitted(view: StatusView): StatusView {
  const { events = [], note: _note, activity: _activity, ...rest } = view;
  const [, ...later] = events;
  if (bytesOf(view) <= MAX_STATUS_BYTES) return view;
  if (events.length > 1) return fitted({ ...view, events: later });
  if (view.activity !== undefined || view.note !== undefined) return fitted({ ...rest, events });
  if (events.length > 0) return fitted(rest);
  return { ...rest, ...optional("detail", plainText(view.detail ?? "", 60)) };
}

function viewQuestions(questions: readonly Question[]): Pick<StatusView, "questions" | "moreQuestions"> {
  const views: QuestionView[] = [];
  let bytes = 0;
  for (const question of questions) {
    const view = viewQuestion(question);
    bytes += bytesOf(view);
    if (bytes > MAX_QUESTIONS_BYTES) break;
    views.push(view);
  }
  const left = questions.length - views.length;
  return { ...(questions.length > 0 ? { questions: views } : {}), ...(left > 0 ? { moreQuestions: left } : {}) };
}

/** Keeps the wording of the file: the user gets the question as it was asked. */
export function viewQuestion({ id, text, options, suggestion }: Question): QuestionView {
  return {
    id,
    question: plainText(text, 2000),
    ...(options.length === 0 ? {} : { options: options.map((one) => `${one.letter}) ${plainText(one.text, 500)}`) }),
    ...optional("suggestion", plainText(suggestion?.text ?? "", 500)),
  };
}

function optional<Name extends string>(name: Name, text: string): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  if (text !== "") found[name] = text;
  return found;
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
