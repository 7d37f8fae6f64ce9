/**
 * The answers of tools: a status, a text, or why something was refused.
 *
 * @module
 */
import type { CallToolResult } from "@modelcontextprotocol/server";
import type { News } from "../src/operations/follow_events.ts";
import type { Samocode } from "../src/operations/samocode.ts";
import { messageOf, SamocodeError } from "../src/system/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import { lookAt } from "./snapshot.ts";
import { type StatusView, viewStatus } from "./status_view.ts";

/** Answers with a value. Clients show the model `structuredContent` or the text beside it: both say the same. */
export function replyWith(value: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent: { ...value } };
}

/** Answers with where a session stands now. */
export async function replyStatus(samocode: Samocode, session: string): Promise<CallToolResult> {
  return replyNews(await lookAt(samocode, session));
}

/** Answers with what was seen of a session. */
export function replyNews(news: News): CallToolResult {
  return replyWith({ ...viewStatus(news) });
}

/** Answers with a text and nothing else. */
export function replyText(text: string): CallToolResult {
  return { content: [{ type: "text", text }] };
}

/**
 * Says why something was refused, the way out, and where the session stands. Text only: beside structured content some
 * clients would not show it.
 */
export function refusal(error: unknown, view: StatusView | undefined): CallToolResult {
  const lines = error instanceof SamocodeError
    ? [error.message, inToolNames(error.hint)]
    : [`samocode failed: ${messageOf(error)}`, "This is a mistake in samocode; nothing in the session is lost"];
  const text = lines.flatMap((line) => line.split("\n")).map((line) => plainText(line, 600)).filter((line) =>
    line !== ""
  );
  if (view !== undefined) text.push(describe(view));
  return { isError: true, content: [{ type: "text", text: text.join("\n") }] };
}

function describe({ session, state, phase, needs, next }: StatusView): string {
  const where = state === phase ? "" : ` in ${phase}`;
  const now = `Now: ${session} is ${state}${where}${needs === undefined ? "" : `, needs ${needs}`}`;
  return next === undefined ? now : `${now}. Next: ${next.tool} ${JSON.stringify(next.arguments)}`;
}

/** The way out is told in the words of the command line; a parent has tools for the same. */
const TOOL_FOR: Readonly<Record<string, string>> = {
  answer: "answer_qa",
  approve: "approve_plan",
  guide: "resume_session",
  list: "read_status",
  logs: "read_artifact",
  run: "resume_session",
  start: "start_session",
  status: "read_status",
  stop: "stop_session",
};

function inToolNames(hint: string): string {
  const besides = /, or samocode [^;,.]*/g;
  const command = /`samocode (\w+)[^`]*`|\bsamocode (\w+)(?: (?:--?\w+|NAME|"[^"]*"))*/g;
  return hint.replace(besides, "").replace(
    command,
    (all, quoted?: string, plain?: string) => TOOL_FOR[quoted ?? plain ?? ""] ?? all,
  );
}
