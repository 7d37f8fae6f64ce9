import assert from "node:assert/strict";
import { commandLine, readCommand } from "../../src/text/command_words.ts";
import { randomNumbers } from "../helpers/random_numbers.ts";

const words = (line: string): readonly string[] => {
  const found = readCommand(line);
  return found.kind === "words" ? found.words : assert.fail(`${line}: ${found.problem}`);
};

Deno.test("readCommand() reads words, quotes, backslashes and comments as it says", () => {
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ["", []],
    ["   # nothing", []],
    ["npm test", ["npm", "test"]],
    ["  sh\ttest.sh  # the suite", ["sh", "test.sh"]],
    ["go test ./... -run=a#b", ["go", "test", "./...", "-run=a#b"]],
    [`sh -c 'a && b > "$c"; d*'`, ["sh", "-c", 'a && b > "$c"; d*']],
    [`say "a \\"b\\" \\\\ c:\\d" e\\ f ''`, ["say", 'a "b" \\ c:\\d', "e f", ""]],
    [`a'b'"c"d`, ["abcd"]],
    ["deno test --filter=ö~^%{a,b}", ["deno", "test", "--filter=ö~^%{a,b}"]],
  ];
  for (const [line, expected] of lines) assert.deepEqual(words(line), expected, line);
});

Deno.test("readCommand() refuses what only a shell would understand, and what is not closed", () => {
  for (const char of "|&;<>()$`*?") {
    const found = readCommand(`npm test ${char} x`);
    assert.equal(found.kind, "unclear");
    assert.deepEqual(words(`npm test '${char}' "${char}" \\${char}`), ["npm", "test", char, char, char]);
  }
  for (const line of ["a 'b", 'a "b', "a \\"]) assert.equal(readCommand(line).kind, "unclear", line);
});

Deno.test("commandLine() writes what readCommand() reads again, for any words", () => {
  const random = randomNumbers(11);
  const characters = [..."ab'\"\\ #$*?|;~é"];
  for (let round = 0; round < 2_000; round++) {
    const made = Array.from(
      { length: 1 + Math.floor(random() * 4) },
      () =>
        Array.from({ length: Math.floor(random() * 6) }, () => characters[Math.floor(random() * characters.length)])
          .join(""),
    );
    assert.deepEqual(words(commandLine(made)), made, commandLine(made));
  }
});
