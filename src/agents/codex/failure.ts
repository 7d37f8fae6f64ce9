/**
 * Understands why Codex failed. Its stream has no codes, only the text that a person would see; what stands here was
 * heard from version 0.169.0.
 *
 * @module
 */
import type { CrashCause } from "../../workflow/iteration_end.ts";
import { asObject, asText, causeOfStatus, parseObject } from "../stream_value.ts";

/** A failure in words that no agent owns. */
export interface CodexFailure {
  readonly cause: CrashCause | "limit";
  readonly detail: string;
  /** When a usage limit ends, as an ISO time; `undefined` where that is not told. */
  readonly until: string | undefined;
}

/**
 * Reads a failure's text.
 *
 * @param now When it was written: a limit that ends today is told without its day.
 */
export function readCodexFailure(message: string, now: Date): CodexFailure {
  // What the service says to a request that it does not take is passed on as it came.
  const body = parseObject(message);
  const told = body === undefined ? message : asText(asObject(body["error"])["message"]) || message;
  const detail = told.slice(0, MAX_SEARCHED);
  const cause = causeOf(detail) ?? (body === undefined ? "unknown" : "request");
  return { cause, detail, until: cause === "limit" ? endOfLimit(detail, now) : undefined };
}

/** Far more than a failure's text takes; a text without end would take the search as long. */
const MAX_SEARCHED = 2000;

/** The first that fits counts. A text may say more: how to buy credits, where a limit was hit. */
const CAUSES: readonly (readonly [RegExp, CrashCause | "limit"])[] = [
  [/\bhit your usage limit\b|\busage limit reached\b/i, "limit"],
  [/\bquota exceeded\b|\bout of credits\b|\bcredit limit\b|\bspend (?:cap|limit)\b|\bupgrade to plus\b/i, "billing"],
  [/\bmissing environment variable\b|\bnot logged in\b|\bsign in again\b|\bcodex login\b/i, "auth"],
  [/\bcontext window\b|\bmodel\b.*\b(?:does not exist|not supported|not found)\b/i, "request"],
  [/\binvalid prompt\b|\bflagged\b|\bpolicy violation\b/i, "request"],
  [/\brate limit\b/i, "limit"],
  [/\bhigh demand\b|\bat capacity\b|\boverloaded\b/i, "service"],
  [/\bstream disconnected\b|\bconnection failed\b|\berror sending request\b|\btimed? ?out\b/i, "service"],
];

function causeOf(text: string): CrashCause | "limit" | undefined {
  const status = Number(/\b(?:unexpected|last) status:? (\d{3})\b/.exec(text)?.[1] ?? 0);
  return causeOfStatus(status) ?? CAUSES.find(([pattern]) => pattern.test(text))?.[1];
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "try again at 4:58 AM", or, on another day, "try again at Nov 21st, 2026 9:07 AM"; both in local time. */
const END = /\btry again at (?:([A-Z][a-z]{2}) (\d{1,2})(?:st|nd|rd|th), (\d{4}) )?(\d{1,2}):(\d{2}) ([AP])M\b/;

function endOfLimit(text: string, now: Date): string | undefined {
  const [found, month = "", day, year, hour, minute, half] = END.exec(text) ?? [];
  if (found === undefined) return undefined;
  const date = year === undefined
    ? { year: now.getFullYear(), month: now.getMonth(), day: now.getDate() }
    : { year: Number(year), month: MONTHS.indexOf(month), day: Number(day) };
  // 12 AM is midnight, 12 PM is noon.
  const hours = Number(hour) % 12 + (half === "P" ? 12 : 0);
  // The seconds are cut off: only with the next minute is it over for sure.
  const end = new Date(date.year, date.month, date.day, hours, Number(minute) + 1);
  // Not everything that has the form is a time: the 30th month is none, nor is a minute 99.
  return date.month < 0 || Number(minute) > 59 || Number(hour) > 12 ? undefined : end.toISOString();
}
