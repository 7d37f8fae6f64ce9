/**
 * Describes what agents used, and what they may use.
 *
 * @module
 */
import { formatCost, formatCount, formatDuration, formatTokens } from "../text/format.ts";
import { amountIn, type Raise, type Share, usedOf } from "../workflow/budget.ts";
import type { Usage } from "../workflow/usage.ts";

/** What an attempt took: its time, and its cost, tokens and so on if there are any. */
export function describeEffort(
  { durationMs, usage, denials = 0, unrecorded = 0 }: {
    readonly durationMs: number;
    readonly usage: Omit<Usage, "modelCalls">;
    readonly denials?: number;
    readonly unrecorded?: number;
  },
): readonly string[] {
  const parts = [formatDuration(durationMs), ...describeUsage(usage)];
  if (denials > 0) parts.push(formatCount(denials, "refusal"));
  if (unrecorded > 0) parts.push(`${formatCount(unrecorded, "step")} not shown`);
  return parts;
}

/** What was used: `$0.42` or `about $0.42`, `12.0k tokens in, 900 out`. */
export function describeUsage(usage: Omit<Usage, "modelCalls">): readonly string[] {
  const { costUsd, estimatedUsd = 0, outputTokens } = usage;
  const tokensIn = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const about = estimatedUsd > 0 ? "about " : "";
  const isPriced = estimatedUsd > 0 || costUsd !== undefined;
  return [
    ...(isPriced ? [`${about}${formatCost((costUsd ?? 0) + estimatedUsd)}`] : []),
    ...(tokensIn + outputTokens > 0 ? [`${formatTokens(tokensIn)} tokens in, ${formatTokens(outputTokens)} out`] : []),
  ];
}

/** `to $100.00 for this session`. */
export function describeRaise({ measure, span, to }: Raise): string {
  return `to ${amountIn(measure, to)} ${span === "session" ? "for this session" : "for today"}`;
}

/** `24% of $50.00`. */
export function describeUse({ measure, spent, limit }: Omit<Share, "span">): string {
  return `${Math.floor(usedOf({ spent, limit }) * 100)}% of ${amountIn(measure, limit)}`;
}
