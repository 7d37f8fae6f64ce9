/**
 * The last version of a post that is no longer due: the outcome, who decided, and where.
 *
 * @module
 */
import type { Post } from "../channels/post.ts";
import { describeRaise } from "../messages/describe_usage.ts";
import { describeWho } from "../messages/who_decided.ts";
import { clockTime } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import type { Question } from "../workflow/questions.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { questionsOf } from "./due.ts";
import { withAnswer } from "./gate_posts.ts";
import { factsOf } from "./post_parts.ts";
import type { View } from "./view.ts";

/** What has happened since a post was shown. */
export interface News {
  readonly view: View;
  /** All events since then, or at least those with a `by` and the starts and ends of runs. */
  readonly events: readonly RecordedEvent[];
}

/** The last version of a post. Reports, notices and progress keep their text. */
export function settle(post: Post, { view, events: all }: News): Post {
  const { runStartedAt: run, updatedAt: diedBy } = post.data;
  const events = sinceRest(all, typeof run === "string" ? run : "")
    .filter(({ at }) => typeof diedBy !== "string" || at > diedBy);
  const settled = { ...post, offers: [], reply: "", isSettled: true, isSilent: true, document: undefined };
  const { type } = post.data;
  if (post.topic === "done" || post.topic === "limit" || post.topic === "progress") return settled;
  const decisions = events.filter((event) => describeDecision(event, post) !== undefined);
  // The gate opens with the last answer, which may come from someone else.
  const decision = decisions.findLast((event) => event.type === "answers.given") ?? decisions.at(-1);
  const what = decision && describeDecision(decision, post);
  const answer = type === "gate.answers" ? answersIn(post, questionsOf(view.status)) : "";
  const [first = ""] = post.text.split("\n");
  const came = decision === undefined || what === undefined
    ? isGoingOn(events) ? "It continues." : "Withdrawn: there is nothing left to decide here."
    : `${what} · ${whoIn(decision)}, ${clockTime(new Date(decision.at))}`;
  return {
    ...settled,
    mark: decision === undefined ? "➖" : "👌",
    facts: factsOf(view),
    text: [...(isAll(post) ? [] : [first]), answer, came].filter((line) => line !== "").join("\n"),
  };
}

/** Describes what an event decided about a post; `undefined` if nothing. */
export function describeDecision(
  event: RecordedEvent,
  { id, data: { type } }: Pick<Post, "id" | "data">,
): string | undefined {
  switch (event.type) {
    case "answers.given":
      return type === "gate.answers" && (id.endsWith(" all") || event.ids.includes(questionIn(id)))
        ? "Answered"
        : undefined;
    case "gate.opened":
      if (event.gate === "qa_answers") return type === "gate.answers" ? "Answered" : undefined;
      return type === "gate.approval" ? "Approved" : undefined;
    case "plan.rejected":
      return type === "gate.approval" ? `Sent back: ${plainText(event.feedback, 300)}` : undefined;
    case "budget.raised":
      return type === "gate.budget" ? `Raised ${event.raised.map(describeRaise).join(", ")}` : undefined;
    case "baseline.accepted":
      return type === "gate.baseline" ? "Continuing with the checks as they are" : undefined;
    case "guidance.given":
      return type.startsWith("session.") ? `Note: ${plainText(event.text, 300)}` : undefined;
    case "task.given":
      return type.startsWith("session.") ? "A new task was given" : undefined;
    case "resume.requested":
      return type.startsWith("session.") ? "Continued" : undefined;
    case "stop.requested":
      return type.startsWith("session.") ? "Stopped" : undefined;
    default:
      return undefined;
  }
}

/** The events while a session was at rest after a run, identified by its start, up to the start of the next run. */
export function sinceRest(events: readonly RecordedEvent[], run: string): readonly RecordedEvent[] {
  const begun = events.findIndex(({ type, at }) => type === "session.started" && at === run);
  const since = begun === -1 ? events.filter(({ at }) => at > run) : events.slice(begun + 1);
  const rest = since.slice(since.findIndex(({ type }) => type === "session.stopped") + 1);
  const next = rest.findIndex(({ type }) => type === "session.started");
  return next === -1 ? rest : rest.slice(0, next + 1);
}

/** Describes who caused an event; empty if nobody did. */
export function whoIn(event: RecordedEvent): string {
  return "by" in event && typeof event.by === "string" ? plainText(describeWho(event.by), 100) : "";
}

function questionIn(id: string): string {
  return id.split(" ")[2] ?? "";
}

function isAll({ id, data }: Post): boolean {
  return data.type === "gate.answers" && questionIn(id) === "all";
}

function answersIn({ id }: Post, questions: readonly Question[]): string {
  const asked = questionIn(id);
  const words = (question: Question): string => withAnswer(question, question.answer ?? "");
  const answered = questions.filter(({ answer }) => answer !== undefined);
  if (asked === "all") return answered.slice(-MOST_ANSWERS).map(words).join("\n");
  // The question itself stands above it.
  return answered.filter((question) => question.id === asked).slice(-1).map(words).join("").slice(asked.length + 2);
}

const MOST_ANSWERS = 20;

function isGoingOn(events: readonly RecordedEvent[]): boolean {
  return events.some(({ type }) => type === "session.started" || type === "session.queued");
}
