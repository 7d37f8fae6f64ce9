import assert from "node:assert/strict";
import { rowRuns } from "../../../tools/picture/row_runs.ts";
import { Terminal } from "../../../tools/picture/terminal.ts";

const PLAIN = { color: undefined, isBold: false, isDim: false } as const;
const GREEN = { ...PLAIN, color: "green" } as const;

function runsOf(text: string): ReturnType<typeof rowRuns> {
  const terminal = new Terminal(40, 1);
  terminal.write(text);
  return rowRuns(terminal.screen.rows[0] ?? []);
}

Deno.test("rowRuns() keeps single blanks in a piece and cuts at wider gaps", () => {
  assert.deepEqual(runsOf("  one two  three\u001b[5Cfour  "), [
    { column: 2, text: "one two", look: PLAIN, isSymbol: false },
    { column: 11, text: "three", look: PLAIN, isSymbol: false },
    { column: 21, text: "four", look: PLAIN, isSymbol: false },
  ]);
});

Deno.test("rowRuns() cuts where the look changes", () => {
  assert.deepEqual(runsOf("a\u001b[32mb c\u001b[0m d"), [
    { column: 0, text: "a", look: PLAIN, isSymbol: false },
    { column: 1, text: "b c", look: GREEN, isSymbol: false },
    { column: 5, text: "d", look: PLAIN, isSymbol: false },
  ]);
});

Deno.test("rowRuns() places alone what may come from another font", () => {
  assert.deepEqual(runsOf("a · b… → c ──"), [
    { column: 0, text: "a · b…", look: PLAIN, isSymbol: false },
    { column: 7, text: "→", look: PLAIN, isSymbol: true },
    { column: 9, text: "c", look: PLAIN, isSymbol: false },
    { column: 11, text: "──", look: PLAIN, isSymbol: true },
  ]);
});

Deno.test("rowRuns() finds nothing in an empty row", () => {
  assert.deepEqual([runsOf(""), runsOf("   "), runsOf("\u001b[3C")], [[], [], []]);
});
