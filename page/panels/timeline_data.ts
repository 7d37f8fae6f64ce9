/**
 * A session's story as a plot needs it: an iteration is a column, its attempts are stacked in it.
 *
 * @module
 */
import type { AttemptStory, Mark, Story } from "../../src/workflow/story.ts";

/** What the height of a bar stands for. */
export type Measure = "duration" | "tokens" | "cost";

/** Milliseconds, tokens of every kind, and US dollars; a cost that nobody reported is the list price. */
export type Amounts = Readonly<Record<Measure, number>>;

/** One attempt, and where its bar stands. */
export interface Bar {
  readonly attempt: AttemptStory;
  readonly amounts: Amounts;
  /** Of the iteration's attempts before it: where the bar begins. */
  readonly below: Amounts;
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** One iteration with all its attempts. */
export interface Column {
  readonly iteration: number;
  readonly bars: readonly Bar[];
  /** Of all its attempts. */
  readonly amounts: Amounts;
  /** Of the session up to its end, in US dollars. */
  readonly costSoFar: number;
  /** What happened from its beginning to that of the next. */
  readonly marks: readonly PlacedMark[];
}

/** A mark with its place. */
export interface PlacedMark extends Mark {
  readonly ms: number;
  /** Counted in columns from 1: a whole number while an agent worked there, else half-way to the next. */
  readonly place: number;
}

/** All that a plot shows. */
export interface Timeline {
  readonly columns: readonly Column[];
  readonly marks: readonly PlacedMark[];
  /** Whether any part of the cost is a list price. */
  readonly isEstimated: boolean;
}

const NOTHING: Amounts = { duration: 0, tokens: 0, cost: 0 };

/**
 * Lays out a story.
 *
 * @param nowMs Until when the last attempt has worked, if it still does.
 */
export function timelineOf(
  { attempts, marks }: Pick<Story, "attempts" | "marks">,
  { nowMs }: { readonly nowMs: number | undefined },
): Timeline {
  const iterations: { readonly iteration: number; readonly bars: Bar[] }[] = [];
  for (const [index, attempt] of attempts.entries()) {
    const last = iterations.at(-1);
    const bars = last?.iteration === attempt.iteration ? last.bars : [];
    if (bars.length === 0) iterations.push({ iteration: attempt.iteration, bars });
    bars.push(barOf(attempt, { before: bars.at(-1), nowMs: index === attempts.length - 1 ? nowMs : undefined }));
  }
  const placed = placeMarks(marks, iterations);
  let costSoFar = 0;
  let next = 0;
  const columns = iterations.map(({ iteration, bars }, index) => {
    const amounts = bars.reduce((sum, bar) => added(sum, bar.amounts), NOTHING);
    costSoFar += amounts.cost;
    const first = next;
    while (next < placed.length && (placed[next]?.place ?? 0) < index + 2) next++;
    return { iteration, bars, amounts, costSoFar, marks: placed.slice(first, next) };
  });
  return { columns, marks: placed, isEstimated: attempts.some(({ usage }) => (usage.estimatedUsd ?? 0) > 0) };
}

/** What an attempt took. */
export function amountsOf({ usage, durationMs }: Pick<AttemptStory, "usage" | "durationMs">): Amounts {
  return {
    duration: durationMs,
    tokens: usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
    cost: (usage.costUsd ?? 0) + (usage.estimatedUsd ?? 0),
  };
}

function barOf(
  attempt: AttemptStory,
  { before, nowMs }: { readonly before: Bar | undefined; readonly nowMs: number | undefined },
): Bar {
  const fromMs = Date.parse(attempt.startedAt);
  const isAtWork = attempt.endedAt === undefined && attempt.end === "" && nowMs !== undefined;
  const durationMs = isAtWork ? Math.max(attempt.durationMs, nowMs - fromMs) : attempt.durationMs;
  const toMs = attempt.endedAt === undefined ? fromMs + durationMs : Date.parse(attempt.endedAt);
  const below = before === undefined ? NOTHING : added(before.below, before.amounts);
  return { attempt, amounts: amountsOf({ ...attempt, durationMs }), below, fromMs, toMs: Math.max(fromMs, toMs) };
}

function added(a: Amounts, b: Amounts): Amounts {
  return { duration: a.duration + b.duration, tokens: a.tokens + b.tokens, cost: a.cost + b.cost };
}

function placeMarks(
  marks: readonly Mark[],
  iterations: readonly { readonly bars: readonly Bar[] }[],
): readonly PlacedMark[] {
  let column = 0;
  const timed = marks.map((mark) => ({ ...mark, ms: Date.parse(mark.at) })).sort((a, b) => a.ms - b.ms);
  return timed.map((mark) => {
    while (column < iterations.length && (iterations[column]?.bars[0]?.fromMs ?? Infinity) <= mark.ms) column++;
    const isBetween = column === 0 || (iterations[column - 1]?.bars.at(-1)?.toMs ?? 0) < mark.ms;
    return { ...mark, place: isBetween ? column + 0.5 : column };
  });
}
