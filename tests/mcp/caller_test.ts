import assert from "node:assert/strict";
import { nameCaller, patienceOf } from "../../mcp/caller.ts";

Deno.test("patienceOf() stays below what ends a call in each client", () => {
  const [day, silent, codex] = [[true, true], [true, false], [false, true]].map((
    [isClaude = false, hearsProgress = false],
  ) => patienceOf({ isClaude, hearsProgress }));
  assert.deepEqual([day, silent, codex], [86_400, 1_500, 240]);
});

for (
  const [name, toolUseId, named] of [
    ["claude-code 2.1.328", "toolu_1", "claude-code 2.1.328 (toolu_1)"],
    ["@scope/inspector 2.12.0", "", "@scope/inspector 2.12.0"],
    ["Visual Studio Code 1.2.3", "", "Visual-Studio-Code 1.2.3"],
    ["a person at a terminal (samocode approve)", "", "a-person-at-a-terminal-samocode-approve-"],
    ["x", "1) a person at a terminal (", "x (1-a-person-at-a-terminal-)"],
  ] as const
) {
  Deno.test(`nameCaller() makes no sentence of ${name}`, () => assert.equal(nameCaller({ name, toolUseId }), named));
}
