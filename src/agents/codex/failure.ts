/**
 * Finds the cause of a failure of Codex. Its stream has no codes, only the text that a person would see; the texts are
 * those of version 0.169.0.
 *
 * @module
 */
import type { CrashCause } from "../../workflow/iteration_end.ts";
import { asObject, asText, causeOfStatus, parseObject } from "../stream_value.ts";

/** Why Codex failed. */
export interface CodexFailure {
  readonly cause: CrashCause | "limit";
  readonly detail: string;
  /** When a usage limit ends, as an ISO time; `undefined` if unknown. */
  readonly until: string | undefined;
}

/**
 * Reads a failure's text.
 *
 * @param now When it was written: a limit that ends on the same day is given without its date.
 */
export function readCodexFailure(message: string, now: Date): CodexFailure {
  // A request that the service rejects is reported with the service's own JSON.
  const body = parseObject(message);
  const told = body === undefined ? message : asText(asObject(body["error"])["message"]) || message;
  const detail = told.slice(0, MAX_SEARCHED);
  const cause = causeOf(detail) ?? (body === undefined ? "unknown" : "request");
  return { cause, detail, until: cause === "limit" ? endOfLimit(detail, now) : undefined };
}

/** Longer than any real message; bounds the search. */
const MAX_SEARCHED = 2000;

/** The first match counts: a text about a limit may also mention credits. */
const CAUSES: readonly (readonly [RegExp, CrashCause | "limit"])[] = [
  [/\bhit your usage limit\b|\busage limit reached\b/i, "limit"],
  [/\bquota exceeded\b|\bout of credits\b|\bcredit limit\b|\bspend (?:cap|limit)\b|\bupgrade to plus\b/i, "billing"],
  [/\bmissing environment variable\b|\bnot logged in\b|\bsign in again\b|\bcodex login\b/i, "auth"],
  [/\bcontext window\b|\bmodel\b.*\b(?:does not exist|not supported|not found)\b/i, "request"],
  [/\binvalid prompt\b|\bflagged\b|\bpolicy violation\b/i, "request"],
  [/\brate limit\b/i, "limit"],
  [/\bhigh demand\b|\bat capacity\b|\boverloaded\b/i, "service"],
  [/\bconnection failed\b|\berror sending request\b|\bconnection refused\b|\blookup address\b/i, "network"],
  [/\bstream disconnected\b|\btimed? ?out\b/i, "service"],
];

function causeOf(text: string): CrashCause | "limit" | undefined {
  const status = Number(/\b(?:unexpected|last) status:? (\d{3})\b/.exec(text)?.[1] ?? 0);
  return causeOfStatus(status) ?? CAUSES.find(([pattern]) => pattern.test(text))?.[1];
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "try again at 4:58 AM", or "try again at Nov 21st, 2026 9:07 AM" on another day, in local time. */
const END = /\btry again at (?:([A-Z][a-z]{2}) (\d{1,2})(?:st|nd|rd|th), (\d{4}) )?(\d{1,2}):(\d{2}) ([AP])M\b/;

function endOfLimit(text: string, now: Date): string | undefined {
  const [found, month = "", day, year, hour, minute, half] = END.exec(text) ?? [];
  if (found === undefined) return undefined;
  const date = year === undefined
    ? { year: now.getFullYear(), month: now.getMonth(), day: now.getDate() }
    : { year: Number(year), month: MONTHS.indexOf(month), day: Number(day) };
  // 12 AM is midnight, 12 PM is noon.
  const hours = Number(hour) % 12 + (half === "P" ? 12 : 0);
  // Seconds are cut off, so only the next minute is safe.
  const end = new Date(date.year, date.month, date.day, hours, Number(minute) + 1);
  // The pattern also matches impossible months, hours and minutes.
  return date.month < 0 || Number(minute) > 59 || Number(hour) > 12 ? undefined : end.toISOString();
}
