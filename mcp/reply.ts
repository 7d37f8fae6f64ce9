/**
 * The replies of tools: a status, a text, or why a call was rejected.
 *
 * @module
 */
import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Status } from "../src/operations/read_status.ts";
import { messageOf, SamocodeError } from "../src/text/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import { type StatusView, viewStatus } from "./status_view.ts";
import { sayAction } from "./tool_for.ts";

/** Replies with a value. Clients pass the model either `structuredContent` or the text; both say the same. */
export function replyWith(value: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent: { ...value } };
}

/** Replies with a status. */
export function replyStatus(status: Status): CallToolResult {
  return replyWith({ ...viewStatus(status) });
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
