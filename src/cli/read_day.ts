/**
 * Reads local days as a person types them.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";

/** A day such as `2026-11-20`; `undefined` if there is no such day. */
export function readDay(text: string): string | undefined {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const at = new Date(year, month - 1, day);
  return at.getMonth() === month - 1 && at.getDate() === day ? text : undefined;
}

/** The first of the last so many days, today included. */
export function daysAgo(days: number, now: Date): string {
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - Math.max(0, days - 1));
  const padded = (value: number) => String(value).padStart(2, "0");
  return `${first.getFullYear()}-${padded(first.getMonth() + 1)}-${padded(first.getDate())}`;
}

/**
 * Reads the day of `--since`: a day, or how many days back.
 *
 * @throws {SamocodeError} If it is neither.
 */
export function readSince(text: string, now: Date): string {
  const day = /^\d{1,4}d$/.test(text) ? daysAgo(Number(text.slice(0, -1)), now) : readDay(text);
  if (day !== undefined) return day;
  throw new SamocodeError("usage", `Cannot read ${JSON.stringify(text)} as a day`, {
    hint: "Write --since 2026-11-20, or --since 7d for the last seven days",
  });
}
