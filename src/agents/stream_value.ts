/**
 * Reads values from an agent's JSON lines, whose types cannot be trusted.
 *
 * @module
 */
import type { CrashCause } from "../workflow/iteration_end.ts";
import { unlessFailing } from "../text/errors.ts";

/** A JSON object with values of any type. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a line; `undefined` if it is not a JSON object. */
export function parseObject(text: string): JsonObject | undefined {
  const value: unknown = unlessFailing(() => JSON.parse(text));
  return isObject(value) ? value : undefined;
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

/** A count of 0 or more, limited so that sums cannot shrink or overflow. */
export function asCount(value: unknown): number {
  return Math.min(Math.max(0, asNumber(value)), Number.MAX_SAFE_INTEGER);
}

/** A text for an event, limited to 300 characters; the raw log has all of it. */
export function cut(value: unknown): string {
  return asText(value).trim().slice(0, 300);
}

/** The inputs that describe a tool call best, most important first. Never file contents. */
const TELLING = ["command", "file_path", "path", "pattern", "skill", "query", "url", "description", "prompt"] as const;

/** What a tool call is about; empty if unknown. */
export function aboutTool(input: JsonObject): string {
  return TELLING.map((name) => asText(input[name]).trim()).find((text) => text !== "") ?? "";
}

/** The cause of a failure with this HTTP status; `undefined` if it is not an error. */
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
