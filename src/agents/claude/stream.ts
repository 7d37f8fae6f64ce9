/**
 * Reads Claude Code's event stream (`--output-format stream-json`), one JSON object a line.
 *
 * @module
 */
import { NO_USAGE, type Usage } from "../../workflow/usage.ts";
import type { CrashCause } from "../../workflow/iteration_end.ts";
import {
  aboutTool,
  asCount,
  asList,
  asNumber,
  asObject,
  asText,
  causeOfStatus,
  cut,
  type JsonObject,
  parseObject,
} from "../stream_value.ts";
import type { Observation } from "../observation.ts";

/** What one line of the stream says; nothing if it is no event or of an unknown kind. */
export function readClaudeLine(line: string): readonly Observation[] {
  // Searching is much cheaper than parsing, and most results of tools are good.
  if (line.startsWith(USER_FIRST) ? !line.includes('"is_error":true') : !mayBeClaudeEvent(line)) return [];
  const event = parseObject(line);
  if (event === undefined) return [];
  switch (event["type"]) {
    case "system":
      return onSystem(event);
    case "assistant":
      return onAssistant(event);
    case "user":
      return onResults(event);
    case "stream_event":
      return onStreamEvent(event);
    case "rate_limit_event":
      return onLimit(asObject(event["rate_limit_info"]));
    case "result":
      return [onResult(event)];
    default:
      return [];
  }
}

/** Claude Code writes `type` first and `subtype` second. Lines that begin differently are parsed. */
const TYPE_FIRST = '{"type":"';
const KINDS = /^\{"type":"(?:system|assistant|rate_limit_event|result)"/;
const PART_FIRST = '{"type":"stream_event","event":{"type":"';
/** Where the other parts of an answer begin, its usage is not told. */
const PART_KINDS = /^message_(?:start|delta)"/;
const USER_FIRST = '{"type":"user"';
/** A failure is short, and its block begins with the type; what begins otherwise is a long, good result. */
const USER_KINDS = /^\{"type":"user","message":\{"role":"user","content":\[\{"type":"tool/;
const SYSTEM_FIRST = '{"type":"system","subtype":"';
const SYSTEM_KINDS = /^\{"type":"system","subtype":"(?:init|status|api_retry|permission_denied|model_fallback)"/;

/** Tells from its first characters whether a line may matter. Skips tool results, most of a stream, without parsing. */
export function mayBeClaudeEvent(start: string): boolean {
  if (start.startsWith(SYSTEM_FIRST)) return SYSTEM_KINDS.test(start);
  if (start.startsWith(USER_FIRST)) return USER_KINDS.test(start);
  if (start.startsWith(PART_FIRST)) return PART_KINDS.test(start.slice(PART_FIRST.length));
  return start.startsWith(TYPE_FIRST) ? KINDS.test(start) : start.startsWith("{");
}

function onSystem(event: JsonObject): readonly Observation[] {
  switch (event["subtype"]) {
    case "init":
      return [{
        type: "agent.started",
        model: cut(event["model"]),
        version: cut(event["claude_code_version"]),
        id: cut(event["session_id"]),
      }];
    case "api_retry": {
      const status = asNumber(event["error_status"]);
      return [{
        type: "agent.retried",
        attempt: asNumber(event["attempt"]),
        of: asNumber(event["max_retries"]),
        delayMs: asNumber(event["retry_delay_ms"]),
        detail: `${cut(event["error"]) || "network"}${status === 0 ? "" : ` (${status})`}`,
      }];
    }
    case "status":
      return event["status"] === "requesting" ? [{ type: "model.asked" }] : [];
    case "permission_denied":
      return [{ type: "agent.denied", tool: cut(event["tool_name"]), detail: cut(event["message"]) }];
    case "model_fallback":
      return [{ type: "agent.model_changed", model: cut(event["fallback_model"]), detail: cut(event["content"]) }];
    default:
      return [];
  }
}

/** There is one event for each content block, so the same call is seen several times. */
function onAssistant(event: JsonObject): readonly Observation[] {
  const message = asObject(event["message"]);
  const id = cut(message["id"]);
  // Claude Code reports API errors as answers of a model with this name.
  const called = id !== "" && message["model"] !== "<synthetic>";
  const seen: Observation[] = called ? [{ type: "model.called", id }, ...onUsage(message, { id })] : [];
  for (const block of asList(message["content"]).map(asObject)) {
    const text = cut(block["text"]);
    if (block["type"] === "text" && text !== "") seen.push({ type: "agent.said", text });
    if (block["type"] === "tool_use") {
      const about = cut(aboutTool(asObject(block["input"])));
      seen.push({ type: "agent.acted", tool: cut(block["name"]), about });
      if (block["name"] === "Bash") seen.push({ type: "command.ran", id: cut(block["id"]), command: about });
    }
  }
  return seen;
}

/** The beginning of an answer tells what was read for it, its end what was written. */
function onStreamEvent(event: JsonObject): readonly Observation[] {
  const part = asObject(event["event"]);
  const begins = part["type"] === "message_start";
  const message = begins ? asObject(part["message"]) : part;
  const id = cut(message["id"]) || cut(event["api_message_id"]);
  // Older versions do not tell when they ask.
  return [...(begins ? [{ type: "model.asked" } as const] : []), ...onUsage(message, { id, isWhole: !begins })];
}

function onUsage(
  message: JsonObject,
  { id, isWhole = false }: { readonly id: string; readonly isWhole?: boolean },
): readonly Observation[] {
  const usage = asObject(message["usage"]);
  const tokens = {
    inputTokens: asCount(usage["input_tokens"]),
    outputTokens: asCount(usage["output_tokens"]),
    cacheReadTokens: asCount(usage["cache_read_input_tokens"]),
    cacheWriteTokens: asCount(usage["cache_creation_input_tokens"]),
  };
  const isTold = id !== "" && Object.values(tokens).some((count) => count > 0);
  return isTold ? [{ type: "tokens.used", id, model: cut(message["model"]), tokens, isWhole }] : [];
}

/** Of the results of tools, only failures say something. */
function onResults(event: JsonObject): readonly Observation[] {
  return asList(asObject(event["message"])["content"]).map(asObject)
    .filter((block) => block["type"] === "tool_result" && block["is_error"] === true)
    .map((block) => ({ type: "command.failed", id: cut(block["tool_use_id"]) }));
}

/** `resetsAt` counts seconds since 1970. */
function onLimit(info: JsonObject): readonly Observation[] {
  const resetsAt = new Date(asNumber(info["resetsAt"]) * 1000);
  // An invalid date has the time NaN.
  const until = resetsAt.getTime() > 0 ? resetsAt.toISOString() : undefined;
  return [{ type: "agent.limited", status: cut(info["status"]), until }];
}

/** A run may have several results; the last one counts, since cost and usage by model are totals. */
function onResult(event: JsonObject): Observation {
  const errors = asList(event["errors"]).map(asText).join("; ");
  return {
    type: "verdict",
    // `subtype` says "success" even after an API error.
    ok: event["is_error"] === false,
    cause: causeOf(event),
    detail: cut(event["result"]) || cut(errors) || cut(event["subtype"]),
    usage: usageIn(event),
  };
}

function causeOf(event: JsonObject): CrashCause | "limit" | "budget" {
  if (event["api_error"] === "usage_limit_reached") return "limit";
  const terminal = event["terminal_reason"];
  if (event["subtype"] === "error_max_turns" || terminal === "max_turns") return "turns";
  if (event["subtype"] === "error_max_budget_usd" || terminal === "budget_exhausted") return "budget";
  if (terminal === "aborted_tools" || terminal === "aborted_streaming") return "interrupted";
  if (terminal === "prompt_too_long" || terminal === "image_error") return "request";
  const detail = asText(event["result"]);
  if (/credit balance is too low/i.test(detail)) return "billing";
  if (/not logged in|please run \/login/i.test(detail)) return "auth";
  const cause = causeOfStatus(asNumber(event["api_error_status"]));
  if (cause !== undefined) return cause;
  if (event["api_error"] === "connection_failed") return "network";
  if (event["stop_reason"] === "refusal") return "request";
  // An API error without a status never reached the service.
  return terminal === "api_error" ? "network" : "unknown";
}

function usageIn(event: JsonObject): Usage {
  const total = Object.values(asObject(event["modelUsage"])).map(asObject).reduce<Usage>(
    (sum, model) => ({
      ...sum,
      inputTokens: sum.inputTokens + asCount(model["inputTokens"]),
      outputTokens: sum.outputTokens + asCount(model["outputTokens"]),
      cacheReadTokens: sum.cacheReadTokens + asCount(model["cacheReadInputTokens"]),
      cacheWriteTokens: sum.cacheWriteTokens + asCount(model["cacheCreationInputTokens"]),
    }),
    NO_USAGE,
  );
  const cost = event["total_cost_usd"];
  // The cost limit relies on it, so an impossible number counts as unknown.
  const isValid = typeof cost === "number" && Number.isFinite(cost) && cost >= 0;
  return { ...total, costUsd: isValid ? cost : undefined };
}
