/**
 * What a model call costs by list price, for what an agent's program does not report: Codex tells no cost, and a killed
 * Claude Code told none yet. A subscription may cost less, a faster tier more.
 *
 * @module
 */
import { NO_USAGE, type Usage } from "../workflow/usage.ts";

/** Dollars for a million tokens. */
interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** Where a group of prices comes from, and when it was read there. */
interface PriceSource {
  readonly source: string;
  /** ISO 8601. */
  readonly read: string;
  /** Each model with its prices: input, output, read from the cache, written to the cache. */
  readonly models: Readonly<Record<string, readonly [number, number, number, number]>>;
}

/**
 * The table. A name stands for all models whose name contains it; the longest one counts. Where a source names no price
 * for writing to the cache, it is a quarter above the input's, as where one is named; for reading from it, the input's.
 */
export const PRICES: readonly PriceSource[] = [
  {
    source: "total_cost_usd of Claude Code 2.1.328, told 100,000 tokens of each kind",
    read: "2026-11-21",
    models: {
      "claude-fable": [8, 40, 0.2, 10],
      "claude-opus": [5, 25, 0.5, 6.25],
      "claude-opus-5": [4, 20, 0.2, 5],
      "claude-sonnet": [3, 15, 0.3, 3.75],
      "claude-sonnet-5": [2, 10, 0.1, 2.5],
      "claude-haiku-5": [0.1, 0.5, 0.01, 0.125],
      "claude-3-5-haiku": [0.8, 4, 0.08, 1],
    },
  },
  {
    source: "https://github.com/premk134/codex-token-watch/releases/tag/v0.3.3 (GPT-6.1 Sol), " +
      "https://github.com/TheKrush/PromptFuel/releases (v1.0.19, v1.0.24: Astra, 6.1 Terra), " +
      "https://github.com/merefield/codexometer/releases/tag/v0.18.4 (GPT-6 Sol, Luna), " +
      "https://docs.laozhang.ai/en/announcements/gpt-5-6-pricing-2026-07.md (GPT-5.6)",
    read: "2026-11-21",
    models: {
      "gpt-6-astra": [10, 50, 1, 12.5],
      "gpt-6.1-sol": [2, 10, 0.1, 2.5],
      "gpt-6.1-terra": [1, 5, 0.05, 1.25],
      "gpt-6-sol": [2, 10, 0.2, 2.5],
      "gpt-6-luna": [0.1, 0.5, 0.01, 0.125],
      "gpt-5.6-sol": [5, 30, 0.5, 6.25],
      "gpt-5.6-terra": [2, 12, 0.2, 2.5],
      "gpt-5.6-luna": [0.2, 1.2, 0.02, 0.25],
    },
  },
  {
    source: "https://www.morphllm.com/openai-api-pricing (June 2026: GPT-5.4, 5.5), " +
      "https://fernando-nog.netlify.app/gpt-coding-model-costs-2026 (May 2026: the others)",
    read: "2026-11-21",
    models: {
      "gpt-5.5": [5, 30, 0.5, 6.25],
      "gpt-5.5-pro": [30, 180, 30, 30],
      "gpt-5.4": [2.5, 15, 0.25, 3.125],
      "gpt-5.4-pro": [30, 180, 30, 30],
      "gpt-5.4-mini": [0.75, 4.5, 0.075, 0.9375],
      "gpt-5.3-codex": [1.75, 14, 0.175, 2.1875],
      "gpt-5.2": [1.75, 14, 0.175, 2.1875],
      "gpt-5-codex": [1.25, 10, 0.125, 1.5625],
      "gpt-5.1": [1.25, 10, 0.125, 1.5625],
    },
  },
];

const ROWS: readonly (readonly [name: string, price: Price])[] = PRICES.flatMap(({ models }) =>
  Object.entries(models).map(([name, [input, output, cacheRead, cacheWrite]]) =>
    [name, { input, output, cacheRead, cacheWrite }] as const
  )
).sort(([a], [b]) => b.length - a.length);

/** The tokens of a call. */
export type Tokens = Pick<Usage, "inputTokens" | "outputTokens" | "cacheReadTokens" | "cacheWriteTokens">;

/** OpenAI charges a prompt longer than this twice, and one and a half times for the answer (July 2026, as above). */
const LONG_PROMPT_TOKENS = 272_000;

/**
 * The list price of one call, in dollars. A model that is not in the table costs as much as the dearest of its family:
 * counted too low, it would pass the budget unnoticed.
 */
export function callPrice(model: string, tokens: Tokens): number {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = tokens;
  const isLong = !model.includes("claude") && inputTokens + cacheReadTokens + cacheWriteTokens > LONG_PROMPT_TOKENS;
  const price = listPrice(model, tokens);
  return isLong ? 2 * price - 0.5 * listPrice(model, { ...NO_USAGE, outputTokens }) : price;
}

/** The list price of many calls, in dollars, where nobody knows which of them were long. */
export function listPrice(model: string, tokens: Tokens): number {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = tokens;
  const { input, output, cacheRead, cacheWrite } = rowOf(model) ?? dearest(model);
  const prompt = inputTokens * input + cacheReadTokens * cacheRead + cacheWriteTokens * cacheWrite;
  return (prompt + outputTokens * output) / 1_000_000;
}

/** Tells whether a model is in the table. */
export function isListed(model: string): boolean {
  return rowOf(model) !== undefined;
}

function rowOf(model: string): Price | undefined {
  return ROWS.find(([name]) => model.includes(name))?.[1];
}

function dearest(model: string): Price {
  const family = ["claude", "gpt"].find((name) => model.includes(name)) ?? "";
  const prices = ROWS.filter(([name]) => name.includes(family)).map(([, price]) => price);
  return prices.reduce((most, price) => price.output > most.output ? price : most);
}
