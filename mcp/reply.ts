/**
 * The replies of tools: a session's status, a text, or why a call was rejected, with the tool to call next. A status is
 * small, and harmless whatever the session's agents wrote.
 *
 * @module
 */
import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Status } from "../src/operations/read_status.ts";
import { describeFinish, describeWork } from "../src/messages/describe_work.ts";
import { messageOf, SamocodeError } from "../src/text/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import type { Question } from "../src/workflow/questions.ts";
import { type Action, commandFor } from "../src/text/action.ts";
import { jsonText } from "../src/text/json_text.ts";

/** Replies with a value. Clients pass the model either `structuredContent` or the text; both say the same. */
export function replyWith(value: object): CallToolResult {
  const text = jsonText(value);
  return { content: [{ type: "text", text }], structuredContent: JSON.parse(text) };
}

/** Replies with a status. */
export function replyStatus(status: Status): CallToolResult {
  return replyWith(viewStatus(status));
}

/** Replies with a text and nothing else. */
export function replyText(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}

/**
 * Says why a call was rejected, how to fix it, and the session's status. Text only: some clients show no text beside
 * structured content.
 */
export function refusal(error: unknown, view: StatusView | undefined): CallToolResult {
  const lines = error instanceof SamocodeError
    ? [error.message, hintOf(error)]
    : [`samocode failed: ${messageOf(error)}`, "This is a bug in samocode; nothing in the session is lost"];
  const text = lines.flatMap((line) => line.split("\n")).map((line) => plainText(line, 600)).filter(Boolean);
  if (view !== undefined) text.push(describe(view));
  return { isError: true, content: [{ type: "text", text: text.join("\n") }] };
}

function describe({ session, state, phase, needs, next }: StatusView): string {
  const where = state === phase ? "" : ` in ${phase}`;
  const now = `Now: ${session} is ${state}${where}${needs === undefined ? "" : `, needs ${needs}`}`;
  return next === undefined ? now : `${now}. Next: ${next.tool} ${jsonText(next.arguments)}`;
}

function hintOf({ hint, actions }: SamocodeError): string {
  return actions.length === 0 ? hint : `${hint}: ${actions.map(sayAction).join(", or ")}`;
}

/** A question, word for word. */
export interface QuestionView {
  readonly id: string;
  readonly question: string;
  readonly options: readonly string[] | undefined;
  readonly suggestion: string | undefined;
}

/** The `structuredContent` of a status; a reply leaves out what is `undefined`. */
export interface StatusView extends Pick<Status, "session" | "state" | "phase" | "iteration" | "plan" | "cursor"> {
  readonly needs: Status["needs"] | undefined;
  /** The tool to call next, with its known arguments. */
  readonly next: ToolHint | undefined;
  readonly detail: string | undefined;
  readonly activity: string | undefined;
  readonly note: string | undefined;
  /** The latest events, newest last. */
  readonly events: readonly string[] | undefined;
  readonly costUsd: number | undefined;
  /** The list price of what no cost was reported of. */
  readonly estimatedUsd: number | undefined;
  readonly guard: string | undefined;
  /** How often uncommitted work was kept; a person restores it. */
  readonly checkpoints: number | undefined;
  /** What the project's own checks said. */
  readonly checks: string | undefined;
  /** What a session that is done has committed, in words. */
  readonly work: string | undefined;
  /** Where a person brought that, in words. */
  readonly finished: string | undefined;
  readonly questions?: readonly QuestionView[] | undefined;
  /** How many more questions are in `_qa.md`. */
  readonly moreQuestions?: number | undefined;
}

/** The largest status as JSON, without its questions. */
export const MAX_STATUS_BYTES = 1000;

/** The largest list of questions; for more, the parent reads the file. */
export const MAX_QUESTIONS_BYTES = 12_000;

const MAX_EVENTS = 4;

/** Makes the parent's view of a status. */
export function viewStatus(status: Status): StatusView {
  const { session, state, phase, iteration, needs, plan, costUsd, cursor } = status;
  const view: StatusView = {
    session,
    state,
    phase,
    iteration,
    needs: needs === "none" ? undefined : needs,
    next: nextTool(status.next),
    detail: plainText(status.detail, 240) || undefined,
    activity: plainText(status.activity, 80) || undefined,
    note: plainText(status.note, 120) || undefined,
    plan: needs === "approval" ? plan && { ...plan, path: plainText(plan.path, 100) } : undefined,
    events: status.events.slice(-MAX_EVENTS),
    costUsd: costUsd && Number(costUsd.toFixed(4)),
    estimatedUsd: status.estimatedUsd && Number(status.estimatedUsd.toFixed(4)),
    guard: plainText(status.guard, 300) || undefined,
    checkpoints: status.kept.checkpoints || undefined,
    checks: plainText(status.checks, 200) || undefined,
    work: status.work && describeWork(status.work),
    finished: status.finish && plainText(describeFinish(status.finish), 150),
    cursor,
  };
  return { ...fitted(view), ...viewQuestions(status.questions) };
}

/** Drops the least important parts until it fits. */
function fitted(view: StatusView): StatusView {
  const { events = [], activity, note, detail = "" } = view;
  if (bytesOf(view) <= MAX_STATUS_BYTES) return view;
  if (events.length > 1) return fitted({ ...view, events: events.slice(1) });
  if (activity !== undefined || note !== undefined) return fitted({ ...view, activity: undefined, note: undefined });
  if ((view.checks ?? "").length > 40) return fitted({ ...view, checks: plainText(view.checks ?? "", 40) });
  if (events.length > 0) return fitted({ ...view, events: undefined });
  return { ...view, detail: plainText(detail, 60) };
}

function viewQuestions(questions: readonly Question[]): Pick<StatusView, "questions" | "moreQuestions"> {
  let bytes = 0;
  const views = questions.map(viewQuestion).filter((view) => (bytes += bytesOf(view)) <= MAX_QUESTIONS_BYTES);
  const left = questions.length - views.length;
  return { questions: questions.length > 0 ? views : undefined, moreQuestions: left > 0 ? left : undefined };
}

/** Keeps the wording of the file: the user sees the question as it was asked. */
export function viewQuestion({ id, text, options, suggestion }: Question): QuestionView {
  return {
    id,
    question: plainText(text, 2000),
    options: options.length === 0
      ? undefined
      : options.map((option) => `${option.letter}) ${plainText(option.text, 500)}`),
    suggestion: plainText(suggestion?.text ?? "", 500) || undefined,
  };
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** A tool and its arguments. */
export interface ToolHint {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** The likeliest next action that is a tool. New work is nothing to begin unasked. */
export function nextTool(next: readonly Action[]): ToolHint | undefined {
  return next.filter(({ verb }) => verb !== "continue").map(toolFor).find((hint) => hint !== undefined);
}

/** An action in words: a tool with its known arguments, or what only a person can type. */
export function sayAction(action: Action): string {
  const hint = toolFor(action);
  if (hint === undefined) return `\`${commandFor(action, ".")}\` in a terminal`;
  const isBare = Object.keys(hint.arguments).length === 0;
  return isBare ? hint.tool : `${hint.tool} ${jsonText(hint.arguments)}`;
}

function toolFor(action: Action): ToolHint | undefined {
  const tool = TOOLS[action.verb];
  if (tool === undefined) return undefined;
  const session = "session" in action ? { session: action.session } : {};
  const decision = action.verb === "revise" ? { decision: "revise" } : {};
  const sha256 = action.verb === "approve" && action.sha256 !== undefined ? { sha256: action.sha256 } : {};
  const task = action.verb === "continue" ? { task: "…" } : {};
  return { tool, arguments: { ...session, ...decision, ...sha256, ...task } };
}

/** The others can only be typed. */
const TOOLS: Readonly<Partial<Record<Action["verb"], string>>> = {
  start: "start_session",
  answer: "answer_qa",
  approve: "approve_plan",
  revise: "approve_plan",
  resume: "resume_session",
  raise_budget: "raise_budget",
  guide: "resume_session",
  continue: "resume_session",
  wait: "wait_session",
  status: "read_status",
  stop: "stop_session",
};
