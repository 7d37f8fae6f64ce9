import assert from "node:assert/strict";
import { patienceOf } from "../../mcp/caller.ts";

Deno.test("patienceOf() stays below what ends a call in each client", () => {
  const [day, silent, codex] = [[true, true], [true, false], [false, true]].map((
    [isClaude = false, hearsProgress = false],
  ) => patienceOf({ isClaude, hearsProgress }));
  assert.deepEqual([day, silent, codex], [86_400, 1_500, 240]);
});
