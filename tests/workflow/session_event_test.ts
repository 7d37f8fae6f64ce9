import assert from "node:assert/strict";
import { addUsage, NO_USAGE, type Usage } from "../../src/workflow/usage.ts";

Deno.test("addUsage() sums, and an unknown cost adds nothing", () => {
  const a: Usage = {
    costUsd: 0.5,
    inputTokens: 1,
    outputTokens: 20,
    cacheReadTokens: 300,
    cacheWriteTokens: 4_000,
    modelCalls: 5,
  };
  const unknown: Usage = { ...a, costUsd: undefined };
  const twice: Usage = {
    costUsd: 1,
    inputTokens: 2,
    outputTokens: 40,
    cacheReadTokens: 600,
    cacheWriteTokens: 8_000,
    modelCalls: 10,
  };
  assert.deepEqual(addUsage(a, a), twice);
  assert.deepEqual(addUsage(a, unknown), { ...twice, costUsd: 0.5 });
  assert.deepEqual(addUsage(unknown, a), { ...twice, costUsd: 0.5 });
  assert.deepEqual(addUsage(unknown, unknown), { ...twice, costUsd: undefined });
  assert.deepEqual([addUsage(NO_USAGE, a), addUsage(a, NO_USAGE)], [a, a]);
  assert.deepEqual(
    addUsage({ ...NO_USAGE, costUsd: 0 }, NO_USAGE),
    { ...NO_USAGE, costUsd: 0 },
    "nothing is not unknown",
  );
});
