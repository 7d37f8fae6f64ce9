/**
 * The answers of tools: a status, a text, or why something was refused.
 *
 * @module
 */
import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Status } from "../src/operations/read_status.ts";
import { messageOf, SamocodeError } from "../src/text/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import { type StatusView, viewStatus } from "./status_view.ts";
import { sayAction } from "./tool_for.ts";

/** Answers with a value. Clients show the model `structuredContent` or the text beside it: both say the same. */
export function replyWith(value: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent: { ...value } };
}

/** Answers with where a session stands. */
export function replyStatus(status: Status): CallToolResult {
  return replyWith({ ...viewStatus(status) });
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
    ? [error.message, hintOf(error)]
    : [`samocode failed: ${messageOf(error)}`, "This is a bug in samocode; nothing in the session is lost"];
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

function hintOf({ hint, actions }: SamocodeError): string {
  return actions.length === 0 ? hint : `${hint}: ${actions.map(sayAction).join(", or ")}`;
}
