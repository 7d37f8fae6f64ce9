/**
 * Reads values from the lines of an agent, of which nothing can be taken for granted.
 *
 * @module
 */
import type { CrashCause } from "../workflow/iteration_end.ts";

/** A JSON object whose members may be anything. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a line as an object; anything else is `undefined`. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The object, or an empty one. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The list, or an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text, or an empty one. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The finite number, or 0. */
export function asNumber(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** A count of 0 or more. No sum may overflow or shrink: JSON can say 1e308 and -1. */
export function asCount(value: unknown): number {
  return Math.min(Math.max(0, asNumber(value)), Number.MAX_SAFE_INTEGER);
}

/** A text for an event, cut: the whole text is in the raw log. */
export function cut(value: unknown): string {
  return asText(value).trim().slice(0, 300);
}

/** The inputs of a tool call that say most, the best first. File contents never do. */
const TELLING = ["command", "file_path", "path", "pattern", "skill", "query", "url", "description", "prompt"] as const;

/** What a tool call is about: its most telling input; empty where none is known. */
export function aboutTool(input: JsonObject): string {
  return TELLING.map((name) => asText(input[name]).trim()).find((text) => text !== "") ?? "";
}

/** What an HTTP status says of a failure; `undefined` for one that is none. */
export function causeOfStatus(status: number): CrashCause | "limit" | undefined {
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "billing";
  if (status === 429) return "limit";
  if (status >= 500 || status === 408) return "service";
  return status >= 400 ? "request" : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
