/**
 * The budget: what a session and all sessions of a day may use, and what is left of it.
 *
 * @module
 */
import { formatCost, formatCount, formatDuration, formatTokens } from "../text/format.ts";

/** What is limited: dollars, tokens of all kinds, agent starts, and milliseconds in which agents worked. */
export const MEASURES = ["cost", "tokens", "starts", "time"] as const;

/** One of them. */
export type Measure = (typeof MEASURES)[number];

/** For what a limit holds. A day is a local one, and of all sessions of this user on this machine. */
export const SPANS = ["session", "day"] as const;

/** One of them. */
export type Span = (typeof SPANS)[number];

/** An amount of each. */
export type Amounts = Readonly<Record<Measure, number>>;

/** The limits; `undefined` for none. */
export type Limits = Readonly<Record<Span, Readonly<Record<Measure, number | undefined>>>>;

/** No amount. */
export const NOTHING_SPENT: Amounts = { cost: 0, tokens: 0, starts: 0, time: 0 };

/** One limit, and how much of it is used. */
export interface Share {
  readonly measure: Measure;
  readonly span: Span;
  readonly spent: number;
  readonly limit: number;
}

/** A limit that a person has raised. */
export interface Raise {
  readonly measure: Measure;
  readonly span: Span;
  /** The new limit. */
  readonly to: number;
  /** The day for which a day's limit is raised; absent for a session's. */
  readonly day?: string | undefined;
}

interface Used {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number | undefined;
  readonly estimatedUsd?: number | undefined;
}

/** From this share on the person is warned. */
export const WARNING_SHARE = 0.75;

/** What an attempt or a session used. A cost that nobody reported is the list price. */
export function amountsOf(usage: Used, { starts = 0, time = 0 } = {}): Amounts {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  const tokens = inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
  return { cost: (usage.costUsd ?? 0) + (usage.estimatedUsd ?? 0), tokens, starts, time };
}

/** Adds two amounts of each. */
export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return {
    cost: a.cost + b.cost,
    tokens: a.tokens + b.tokens,
    starts: a.starts + b.starts,
    time: a.time + b.time,
  };
}

/** What a session has used so far, but for the attempt that is under way. */
export function spentBySession(
  { usage, starts, workedMs }: { readonly usage: Used; readonly starts: number; readonly workedMs: number },
): Amounts {
  return amountsOf(usage, { starts, time: workedMs });
}

/** `2026-11-21`, the local day of a moment. */
export function dayOf(at: Date): string {
  const padded = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${padded(at.getMonth() + 1)}-${padded(at.getDate())}`;
}

/** When the local day after that of a moment begins. */
export function nextDay(at: Date): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1);
}

/** What a session's journal says about its limits. */
export interface OwnBudget {
  /** In place of the settings' limit on its cost, in US dollars. */
  readonly maxCostUsd: number | undefined;
  readonly raised: readonly Raise[];
}

/** The limits of the settings, with the one that was named for this session. */
export function ownLimits(limits: Limits, { maxCostUsd }: Pick<OwnBudget, "maxCostUsd">): Limits {
  return maxCostUsd === undefined ? limits : { ...limits, session: { ...limits.session, cost: maxCostUsd } };
}

/** Its own limits with what a person has raised since. A setting that allows more counts, too; a raised day is over with it. */
export function raisedLimits(limits: Limits, { maxCostUsd, raised }: OwnBudget, day: string): Limits {
  let now = ownLimits(limits, { maxCostUsd });
  for (const { measure, span, to, day: on } of raised) {
    const set = now[span][measure];
    if (set === undefined || (span === "day" && on !== day)) continue;
    now = { ...now, [span]: { ...now[span], [measure]: Math.max(set, to) } };
  }
  return now;
}

/** Each limit that there is, the most used first. */
export function sharesOf(limits: Limits, spent: Readonly<Record<Span, Amounts>>): readonly Share[] {
  const shares = SPANS.flatMap((span) =>
    MEASURES.flatMap((measure): readonly Share[] => {
      const limit = limits[span][measure];
      return limit === undefined ? [] : [{ measure, span, spent: spent[span][measure], limit }];
    })
  );
  return shares.toSorted((a, b) => usedOf(b) - usedOf(a));
}

/** How much of a limit is used: 1 is all of it. */
export function usedOf({ spent, limit }: Pick<Share, "spent" | "limit">): number {
  return limit > 0 ? spent / limit : 1;
}

/** The same limit, for a warning that is given once. */
export function keyOf({ measure, span, limit }: Pick<Share, "measure" | "span" | "limit">, day: string): string {
  return [measure, span, limit, ...(span === "day" ? [day] : [])].join(" ");
}

/** `$37.60 of $50.00 for this session`. */
export function describeShare({ measure, span, spent, limit }: Share): string {
  const whose = span === "session" ? "for this session" : "for all sessions today";
  const bare = measure === "tokens" ? formatTokens(spent) : measure === "time" ? formatDuration(spent) : `${spent}`;
  return `${measure === "cost" ? formatCost(spent) : bare} of ${amountIn(measure, limit)} ${whose}`;
}

/** An amount in words. */
export function amountIn(measure: Measure, amount: number): string {
  switch (measure) {
    case "cost":
      return formatCost(amount);
    case "tokens":
      return `${formatTokens(amount)} tokens`;
    case "starts":
      return formatCount(amount, "agent start");
    case "time":
      return `${formatDuration(amount)} of work`;
  }
}
