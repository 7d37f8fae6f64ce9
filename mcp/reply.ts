/**
 * The replies of tools: a session's status, a text, or why a call was rejected, with the tool to call next. A status is
 * small, and harmless whatever the session's agents wrote.
 *
 * @module
 */
import type { CallToolResult } from "@modelcontextprotocol/server";
import { type DueText, readDuePlan, readDueSummary } from "../src/operations/read_due.ts";
import type { Status, StatusRow } from "../src/operations/status.ts";
import { describeFinish, describeWork } from "../src/messages/describe_work.ts";
import { messageOf, SamocodeError } from "../src/text/errors.ts";
import { formatDuration } from "../src/text/format.ts";
import { plainText } from "../src/text/terminal_text.ts";
import type { Question } from "../src/workflow/questions.ts";
import { jsonText } from "../src/text/json_text.ts";
import { nextTool, sayAction, sayTool, type ToolHint, typedFirst } from "./next_tool.ts";

/** Replies with a value. Clients pass the model either `structuredContent` or the text; both say the same. */
export function replyWith(value: object): CallToolResult {
  const text = jsonText(value);
  return { content: [{ type: "text", text }], structuredContent: JSON.parse(text) };
}

/** Replies with what is due: no more than its next step takes, and all of that. */
export function replyStatus(status: Status): CallToolResult {
  return replyWith({ ...viewStatus(status), ...viewDue(status) });
}

/** Replies with what is due, and with what a user may ask for besides. */
export function replyDetails(status: Status): CallToolResult {
  return replyWith({ ...viewStatus(status), ...viewDue(status), ...viewDetails(status) });
}

/** Replies with a text and nothing else. */
export function replyText(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}

/**
 * Says why a call was rejected, how to fix it, and where the session stands. If it is not where the caller believed, as
 * somebody else was faster, what is due there now follows. Text only: some clients show no text beside structured content.
 */
export function refusal(error: unknown, status: Status | undefined): CallToolResult {
  const lines = error instanceof SamocodeError
    ? [error.message, hintOf(error)]
    : [`samocode failed: ${messageOf(error)}`, "This is a bug in samocode; nothing in the session is lost"];
  const text = lines.flatMap((line) => line.split("\n")).map((line) => plainText(line, 600)).filter(Boolean);
  // An error that says what to do knows better than the status: it may be about something that no status shows.
  const saysNext = error instanceof SamocodeError && error.actions.length > 0;
  const view = status && viewStatus(status);
  if (view !== undefined) text.push(`${describe(view)}${saysNext ? "" : describeNext(view)}`);
  const isConflict = error instanceof SamocodeError && error.code === "conflict";
  const due = isConflict && status !== undefined && status.needs !== "none" ? replyStatus(status).content : [];
  return { isError: true, content: [{ type: "text", text: text.join("\n") }, ...due] };
}

function describe({ session, state, phase, needs }: StatusView): string {
  const where = phase === undefined ? "" : ` in ${phase}`;
  return `Now: ${session} is ${state}${where}${needs === undefined ? "" : `, needs ${needs}`}`;
}

function describeNext({ next, userTypes }: StatusView): string {
  if (userTypes !== undefined) return `. Next: the user types \`${userTypes}\` in a terminal`;
  return next === undefined ? "" : `. Next: ${sayTool(next)}`;
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

/** The part of a reply that every status has; a reply leaves out what is `undefined`. */
export interface StatusView extends Pick<Status, "session" | "state"> {
  /** `undefined` where the state says it. */
  readonly phase: string | undefined;
  readonly needs: Status["needs"] | undefined;
  /** The reason why it rests; `undefined` while it is under way, and where more than that is due. */
  readonly detail: string | undefined;
  /** What is wrong beside that. */
  readonly note: string | undefined;
  readonly elapsed: string;
  readonly costUsd: number | undefined;
  /** The list price of what no cost was reported of. */
  readonly estimatedUsd: number | undefined;
  /** The tool to call next, with its known arguments. */
  readonly next: ToolHint | undefined;
  /** What the user must type first, where no tool will do. */
  readonly userTypes: string | undefined;
}

/** The largest list of questions; for more, the parent reads the file. */
export const MAX_QUESTIONS_BYTES = 12_000;

/** Of a plan: nearly all are shorter, and a longer one has its gist at the beginning. */
export const MAX_PLAN_BYTES = 6_000;

/** Of a summary: its result and what is left open. */
export const MAX_SUMMARY_BYTES = 1_000;

const MAX_CHANGES = 5;

/** Makes the parent's view of a session in a list. */
export function viewRow({ session, state, phase, needs, elapsedMs, costUsd, estimatedUsd }: StatusRow): object {
  const usd = (costUsd ?? 0) + (estimatedUsd ?? 0);
  return {
    ...{ session, state, phase },
    ...(needs === "none" ? {} : { needs }),
    elapsed: formatDuration(elapsedMs),
    ...(usd === 0 ? {} : { costUsd: Number(usd.toFixed(2)) }),
  };
}

/** Makes the parent's view of a status. */
export function viewStatus(status: Status): StatusView {
  const { session, state, phase, needs, costUsd, estimatedUsd, elapsedMs } = status;
  const isShown = needs === "answers" || needs === "approval";
  return {
    session,
    state,
    phase: state === phase ? undefined : phase,
    needs: needs === "none" ? undefined : needs,
    detail: isShown ? undefined : plainText(status.detail, 800) || undefined,
    note: plainText(status.note, 120) || undefined,
    elapsed: formatDuration(elapsedMs),
    costUsd: costUsd && Number(costUsd.toFixed(2)),
    estimatedUsd: estimatedUsd && Number(estimatedUsd.toFixed(2)),
    next: nextTool(status.next),
    userTypes: typedFirst(status),
  };
}

/** What the user is to see now: the questions, the plan, or what came of it. */
function viewDue(status: Status): object {
  if (status.needs === "answers") return viewQuestions(status.questions);
  if (status.state === "done") return viewEnd(status);
  const plan = readDuePlan(status, MAX_PLAN_BYTES);
  return plan === undefined ? {} : { plan: { ...viewText(plan), label: plan.label, sha256: plan.sha256 } };
}

function viewEnd(status: Status): object {
  const { branch, work, finish, detail, handover: { report } } = status;
  const summary = readDueSummary(status, MAX_SUMMARY_BYTES);
  const changes = work?.changes.slice(0, MAX_CHANGES)
    .map(({ path, added, removed }) => `${plainText(path, 80)} +${added} −${removed}`);
  return {
    branch,
    work: work && describeWork(work),
    changes: changes?.length === 0 ? undefined : changes,
    finished: finish && plainText(describeFinish(finish), 150),
    summary: summary === undefined || summary.text === "" ? undefined : viewText(summary),
    // For the user, to read or to send.
    report: report && plainText(report, 300),
    // The document says it in full.
    detail: summary?.text.includes(detail) ? undefined : plainText(detail, 800) || undefined,
  };
}

function viewText({ name, text, next, bytes }: DueText): object {
  const more = next === undefined ? undefined : `${bytes - next} more bytes: read_artifact, offset=${next}`;
  return { file: plainText(name, 100), text, more };
}

function viewDetails(status: Status): object {
  return {
    iteration: status.iteration,
    route: plainText(status.route, 100) || undefined,
    activity: plainText(status.activity, 80) || undefined,
    events: status.events.slice(-MAX_EVENTS),
    guard: plainText(status.guard, 300) || undefined,
    // A person restores them.
    checkpoints: status.kept.checkpoints || undefined,
    checks: plainText(status.checks, 200) || undefined,
  };
}

const MAX_EVENTS = 4;

function viewQuestions(questions: readonly Question[]): object {
  let bytes = 0;
  const views = questions.map(viewQuestion).filter((view) => (bytes += bytesOf(view)) <= MAX_QUESTIONS_BYTES);
  const left = questions.length - views.length;
  return { questions: views, moreQuestions: left > 0 ? `${left} more: read_artifact, file=_qa.md` : undefined };
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
