/**
 * Reads Codex's event stream (`codex exec --json`), one JSON object a line. It contains neither the model, the cost nor
 * single model calls, and of a failure only the text, see `failure.ts`.
 *
 * @module
 */
import { NO_USAGE, type Usage } from "../../workflow/usage.ts";
import { readCodexFailure } from "./failure.ts";
import { aboutTool, asCount, asList, asObject, asText, cut, type JsonObject, parseObject } from "../stream_value.ts";
import type { Observation } from "../observation.ts";

/**
 * What one line of the stream says; nothing if it is no event or of an unknown kind.
 *
 * @param options `model` is the one asked for, empty if Codex chose; `now` completes the end of a limit told without a day.
 */
export function readCodexLine(
  line: string,
  { model = "", now = () => new Date() }: { readonly model?: string; readonly now?: () => Date } = {},
): readonly Observation[] {
  // Skips most other lines without parsing.
  if (line.charCodeAt(0) !== 123) return [];
  const event = parseObject(line);
  if (event === undefined) return [];
  switch (event["type"]) {
    case "thread.started":
      return [{ type: "agent.started", model, version: "", id: cut(event["thread_id"]) }];
    case "item.started":
      return onItemStarted(asObject(event["item"]));
    case "item.completed":
      return onItemCompleted(asObject(event["item"]));
    case "turn.completed":
      return onTurnCompleted(asObject(event["usage"]));
    case "turn.failed":
      return onFailure(asText(asObject(event["error"])["message"]), now());
    case "error":
      return onError(asText(event["message"]), now());
    default:
      return [];
  }
}

/**
 * What a line of Codex's log on stderr says: the tokens of a call, as soon as it is answered. The event stream tells
 * them only when all is over.
 */
export function readCodexCall(line: string): readonly Observation[] {
  const [, fields] = / INFO codex_otel\.trace_safe: (event\.name="codex\.sse_event" event\.kind=response\.completed .*)/
    .exec(line) ?? [];
  if (fields === undefined) return [];
  const field = (name: string) => new RegExp(` ${name}=(\\S+)`).exec(fields)?.[1] ?? "";
  const usage = {
    input_tokens: Number(field("input_token_count")),
    output_tokens: Number(field("output_token_count")),
    cached_input_tokens: Number(field("cached_token_count")),
    cache_write_input_tokens: Number(field("cache_write_token_count")),
  };
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usageIn(usage);
  const tokens = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
  const id = cut(`${field("conversation.id")} ${field("event.timestamp")}`);
  return [{ type: "tokens.used", id, model: cut(field("model")), tokens, isWhole: true }];
}

/** The tool that an item used, and what for. */
const TOOLS: Readonly<Record<string, (item: JsonObject) => readonly [tool: string, about: string]>> = {
  command_execution: (item) => ["Shell", withoutShell(asText(item["command"]))],
  file_change: (item) => ["Edit", pathsOf(item)],
  mcp_tool_call: (item) => [
    `mcp__${asText(item["server"])}__${asText(item["tool"])}`,
    aboutTool(asObject(item["arguments"])),
  ],
  collab_tool_call: (item) => [asText(item["tool"]) || "Agent", asText(item["prompt"])],
  web_search: (item) => ["WebSearch", asText(item["query"])],
};

/** The query of a search is known only when it is over. */
const KNOWN_AT_THE_END = "web_search";

function onItemStarted(item: JsonObject): readonly Observation[] {
  return item["type"] === KNOWN_AT_THE_END ? [] : onTool(item);
}

function onItemCompleted(item: JsonObject): readonly Observation[] {
  const text = cut(item["text"]);
  if (item["type"] === "agent_message") return text === "" ? [] : [{ type: "agent.said", text }];
  const ended: readonly Observation[] = toolOf(item) === undefined ? [] : [{ type: "tool.ended" }];
  if (item["type"] === KNOWN_AT_THE_END) return [...onTool(item), ...ended];
  return [...onCommand(item), ...onRefusal(item), ...ended];
}

/**
 * A use of a tool, counted as a model call: every call but the last ends in one. A call that asks for several tools is
 * counted several times.
 */
function onTool(item: JsonObject): readonly Observation[] {
  const read = toolOf(item);
  if (read === undefined) return [];
  const [tool, about] = read;
  return [{ type: "model.called", id: cut(item["id"]) }, { type: "agent.acted", tool: cut(tool), about: cut(about) }];
}

function onCommand(item: JsonObject): readonly Observation[] {
  if (item["type"] !== "command_execution") return [];
  const id = cut(item["id"]);
  const ran: Observation = { type: "command.ran", id, command: cut(withoutShell(asText(item["command"]))) };
  return item["status"] === "failed" ? [ran, { type: "command.failed", id }] : [ran];
}

/** Codex reports most refusals to the model only. Visible are a sandbox that fails to start and a refused file change. */
function onRefusal(item: JsonObject): readonly Observation[] {
  const { status } = item;
  const output = asText(item["aggregated_output"]);
  const noSandbox = status === "failed" && output.startsWith("bwrap: ");
  const refused = status === "declined" || noSandbox || (status === "failed" && item["type"] === "file_change");
  const read = refused ? toolOf(item) : undefined;
  if (read === undefined) return [];
  const [tool, about] = read;
  return [{ type: "agent.denied", tool: cut(tool), detail: cut(noSandbox ? output : about) }];
}

function toolOf(item: JsonObject): readonly [tool: string, about: string] | undefined {
  const kind = asText(item["type"]);
  return Object.hasOwn(TOOLS, kind) ? TOOLS[kind]?.(item) : undefined;
}

function onTurnCompleted(usage: JsonObject): readonly Observation[] {
  return [
    // The last call uses no tool.
    { type: "model.called", id: "last" },
    { type: "verdict", ok: true, cause: "unknown", detail: "", usage: usageIn(usage) },
  ];
}

function onFailure(message: string, now: Date): readonly Observation[] {
  const { cause, detail, until } = readCodexFailure(message, now);
  const verdict: Observation = { type: "verdict", ok: false, cause, detail: cut(detail), usage: NO_USAGE };
  return cause === "limit" ? [{ type: "agent.limited", status: "rejected", until }, verdict] : [verdict];
}

/** "Reconnecting... 2/5 (why)", or without a network, again and again, "Reconnecting... waiting for network (why)". */
const RECONNECTING = /^Reconnecting\.\.\.(?: (\d{1,6})\/(\d{1,6}))?( waiting for network)?[^(]*(?:\((.*)\))?/s;

function onError(message: string, now: Date): readonly Observation[] {
  const [found, attempt = 0, of = 0, network, why] = RECONNECTING.exec(message) ?? [];
  // The turn's failure repeats it, unless the process dies first.
  if (found === undefined) return onFailure(message, now).filter(({ type }) => type === "verdict");
  const detail = cut(why) || cut(message);
  const retried: Observation = { type: "agent.retried", attempt: Number(attempt), of: Number(of), delayMs: 0, detail };
  return network === undefined ? [retried] : [retried, { type: "unreachable", detail }];
}

/** Codex includes cached tokens in the input, and reasoning in the output. */
function usageIn(usage: JsonObject): Usage {
  const cacheReadTokens = asCount(usage["cached_input_tokens"]);
  const cacheWriteTokens = asCount(usage["cache_write_input_tokens"]);
  return {
    ...NO_USAGE,
    inputTokens: Math.max(0, asCount(usage["input_tokens"]) - cacheReadTokens - cacheWriteTokens),
    outputTokens: asCount(usage["output_tokens"]),
    cacheReadTokens,
    cacheWriteTokens,
  };
}

/** Removes the shell around a command if it is quoted in one of two ways; mixed quoting is left as it is. */
function withoutShell(command: string): string {
  const [, single, double] = /^\S*sh -l?c (?:'([^']*)'|"((?:[^"\\]|\\.)*)")$/s.exec(command) ?? [];
  return single ?? double?.replace(/\\(["$`\\])/g, "$1") ?? command;
}

function pathsOf(item: JsonObject): string {
  return asList(item["changes"]).map((change) => asText(asObject(change)["path"])).join(", ");
}
