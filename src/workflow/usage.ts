/**
 * What agents use: tokens, model calls and money.
 *
 * @module
 */
import { type Checked, number, optional, orUndefined, record } from "./shape.ts";

/** Checks a usage read from a journal. */
export const usage = record({
  costUsd: orUndefined(number),
  inputTokens: number,
  outputTokens: number,
  cacheReadTokens: number,
  cacheWriteTokens: number,
  modelCalls: number,
  /** By list price, where no cost was reported. */
  estimatedUsd: optional(number),
});

/** What one attempt used, in sum; `costUsd` is absent if the provider does not report it. */
export type Usage = Checked<typeof usage>;

/** No usage. */
export const NO_USAGE: Usage = {
  costUsd: undefined,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  modelCalls: 0,
};

/** Adds two usages; an unknown cost adds nothing. */
export function addUsage(a: Usage, b: Usage): Usage {
  const estimatedUsd = (a.estimatedUsd ?? 0) + (b.estimatedUsd ?? 0);
  return {
    costUsd: a.costUsd === undefined ? b.costUsd : a.costUsd + (b.costUsd ?? 0),
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    modelCalls: a.modelCalls + b.modelCalls,
    ...(estimatedUsd > 0 && { estimatedUsd }),
  };
}
