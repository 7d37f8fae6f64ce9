/**
 * Reads local days as a person types them.
 *
 * @module
 */

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
