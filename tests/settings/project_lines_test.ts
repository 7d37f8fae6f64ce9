import assert from "node:assert/strict";
import { problemWithCommands, readCommands, readProjectLines } from "../../src/settings/project_lines.ts";

const commandsIn = (text: string) => readCommands(readProjectLines(text)["CHECK"] ?? "");

Deno.test("readProjectLines() keeps every CHECK line in order, and of other names the last", () => {
  const text = "\ufeffCHECK=npm ci\r\nMAIN_REPO=a\r\nMAIN_REPO='b'\r\n# CHECK=rm\n" +
    "  export CHECK = sh -c 'a # b; c' # why\nCHECK=\nCHECK: go test\nCHECKED=x\n";
  assert.deepEqual(commandsIn(text), [["npm", "ci"], ["sh", "-c", "a # b; c"], ["go", "test"]]);
  assert.equal(readProjectLines(text)["MAIN_REPO"], "b");
  assert.equal("CHECK" in readProjectLines("MAIN_REPO=a\n"), false);
});

Deno.test("problemWithCommands() names the line and what is wrong with it", () => {
  const cases: readonly (readonly [value: string, problem: RegExp | undefined])[] = [
    ["npm test\ndeno lint", undefined],
    ["", undefined],
    ["npm test\nnpm test && rm -rf /", /^"npm test && rm -rf \/": no shell reads it, so & has no meaning\. Put it in/],
    ["npm 'test", /the quote ' is not closed/],
    ["a \u001b[31m", /has a control character/],
    [`a ${"b".repeat(1_000)}`, /is too long\. Put the command into a script/],
    [Array(21).fill("a").join("\n"), /there are 21 such lines\. Use at most 20/],
  ];
  for (const [value, problem] of cases) {
    const found = problemWithCommands(value);
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", problem);
  }
});
