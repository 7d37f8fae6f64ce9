/**
 * What a person wants to be notified about, and when to stay silent.
 *
 * @module
 */
import { type Topic, TOPICS } from "./post.ts";

/** A person's notification settings. */
export interface Wishes {
  /** Topics, separated by commas. */
  readonly notify: string;
  /** Such as `22:00-07:00`, in local time; empty for none. */
  readonly quietHours: string;
}

/** What is wrong with a list of topics; `undefined` if nothing is. */
export function problemWithTopics(text: string): string | undefined {
  const strange = wordsOf(text).find((word) => !isTopic(word));
  return strange === undefined
    ? undefined
    : `${JSON.stringify(strange)} is not a topic. Use one or more of ${TOPICS.join(", ")}`;
}

/** What is wrong with quiet hours; `undefined` if nothing is. */
export function problemWithHours(text: string): string | undefined {
  if (text === "" || spanOf(text) !== undefined) return undefined;
  return `${JSON.stringify(text)} is not a time range. Use a start and an end, such as 22:00-07:00`;
}

/** Whether the person wants notifications about a topic. */
export function isWanted({ notify }: Wishes, topic: Topic): boolean {
  return wordsOf(notify).includes(topic);
}

/** How long quiet hours still last, in milliseconds; 0 outside them. */
export function quietLeftMs({ quietHours }: Wishes, at: Date): number {
  const span = spanOf(quietHours);
  if (span === undefined) return 0;
  const sinceMidnightMs = at.getHours() * HOUR_MS + at.getMinutes() * MINUTE_MS + at.getSeconds() * 1_000;
  const length = after(span.from, span.to);
  const passed = after(span.from, sinceMidnightMs);
  return passed < length ? length - passed : 0;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The time from one time of day until the next occurrence of another. */
function after(from: number, to: number): number {
  return (to - from + DAY_MS) % DAY_MS;
}

function spanOf(text: string): { readonly from: number; readonly to: number } | undefined {
  const [, hour, minute, endHour, endMinute] = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const [from, to] = [timeOf(hour, minute), timeOf(endHour, endMinute)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

function timeOf(hour: string | undefined, minute: string | undefined): number | undefined {
  const [hours, minutes] = [Number(hour), Number(minute)];
  return hours < 24 && minutes < 60 ? hours * HOUR_MS + minutes * MINUTE_MS : undefined;
}

function wordsOf(text: string): readonly string[] {
  return text.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

function isTopic(word: string): boolean {
  return TOPICS.some((topic) => topic === word);
}
