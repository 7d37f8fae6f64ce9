/**
 * An event as a line of the journal.
 *
 * @module
 */
import { isSessionEvent, type RecordedEvent } from "./session_event.ts";

/** Writes an event as one journal line, newline included. */
export function eventLine(event: RecordedEvent): string {
  return JSON.stringify(event) + "\n";
}

/** What the history keeps only the last of: an agent's acts and messages, and the pulse of its model calls. */
export type Chatter = "act" | "used" | "resumed";

const ACT = /^\{"seq":\d+,"at":"[^"]+","type":"agent\.(?:acted|said)",/;
const USED = /^\{"seq":\d+,"at":"[^"]+","type":"agent\.used",/;
const RESUMED = /^\{"seq":\d+,"at":"[^"]+","type":"agent\.resumed"\}$/;

/**
 * Tells without parsing it which of these a line is that this program wrote; `undefined` for any other. Only tests: what
 * a match captures would be half of the memory that a long journal takes.
 */
export function chatterIn(line: string): Chatter | undefined {
  if (ACT.test(line)) return line.endsWith('"}') ? "act" : undefined;
  if (USED.test(line)) return line.endsWith("}}") ? "used" : undefined;
  return RESUMED.test(line) ? "resumed" : undefined;
}

/** ISO 8601 in UTC, as `toISOString` writes it; no month 13 and no hour 24. */
const STAMP = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

const CHAIN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads one journal line; `undefined` for a torn line, an event of a newer version, and one without the shape of its
 * type.
 */
export function readEventLine(line: string): RecordedEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (!("seq" in value) || !Number.isSafeInteger(value.seq)) return undefined;
  if (!("at" in value) || typeof value.at !== "string" || !STAMP.test(value.at)) return undefined;
  // It is part of a path.
  if ("chain" in value && !(typeof value.chain === "string" && CHAIN.test(value.chain))) return undefined;
  // In older journals the field `fallback` is called `standIn`.
  const event = "standIn" in value ? { ...value, fallback: value.standIn } : value;
  return isSessionEvent(event) ? event as RecordedEvent : undefined;
}
