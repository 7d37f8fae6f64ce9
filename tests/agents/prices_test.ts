import assert from "node:assert/strict";
import { callPrice, isListed, listPrice, PRICES } from "../../src/agents/prices.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";

const MILLION = 1_000_000;
const each = (count: number) => ({
  inputTokens: count,
  outputTokens: count,
  cacheReadTokens: count,
  cacheWriteTokens: count,
});

Deno.test("PRICES says where and when each price was read, and has none that is missing or free", () => {
  for (const { source, read, models } of PRICES) {
    assert.match(read, /^20\d\d-\d\d-\d\d$/);
    assert.notEqual(source, "");
    for (const [name, prices] of Object.entries(models)) assert.ok(prices.every((price) => price > 0), name);
  }
});

Deno.test("listPrice() finds a model by the longest name within its own, wherever it is served", () => {
  const price = (model: string) => listPrice(model, { ...NO_USAGE, outputTokens: MILLION });
  assert.deepEqual(
    [
      "claude-opus-5-5",
      "us.anthropic.claude-opus-4-8-v1:0",
      "claude-opus-4-1",
      "gpt-5.5-codex",
      "gpt-5.5-pro",
      "openai.gpt-6.1-sol",
    ]
      .map(price),
    [20, 25, 25, 30, 180, 10],
  );
});

Deno.test("listPrice() takes the dearest model of its family for one that is not in the table", () => {
  const price = (model: string) => listPrice(model, { ...NO_USAGE, outputTokens: MILLION });
  assert.deepEqual(["claude-new-9", "gpt-9", "llama", ""].map((name) => [isListed(name), price(name)]), [
    [false, 40],
    [false, 180],
    [false, 180],
    [false, 180],
  ]);
});

Deno.test("callPrice() charges OpenAI's long prompts as OpenAI does, and Claude's as any other", () => {
  assert.ok(Math.abs(callPrice("gpt-5.5", each(90_000)) - (5 + 30 + 0.5 + 6.25) * 0.09) < 1e-9);
  assert.ok(Math.abs(callPrice("gpt-5.5", each(100_000)) - (2 * (5 + 0.5 + 6.25) + 1.5 * 30) * 0.1) < 1e-9);
  assert.ok(Math.abs(callPrice("claude-opus-5-5", each(100_000)) - (4 + 20 + 0.2 + 5) * 0.1) < 1e-9);
});
