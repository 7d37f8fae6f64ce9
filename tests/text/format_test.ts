import assert from "node:assert/strict";
import { formatCost, formatCount, formatDuration, formatTokens } from "../../src/text/format.ts";

Deno.test("formatDuration() shows the two largest units", () => {
  const cases: readonly (readonly [ms: number, text: string])[] = [
    [-5, "0s"],
    [0, "0s"],
    [499, "0s"],
    [5_000, "5s"],
    [59_600, "1m 00s"],
    [92_000, "1m 32s"],
    [3_599_400, "59m 59s"],
    [3_600_000, "1h 00m"],
    [11_520_000, "3h 12m"],
    [86_400_000, "1d 00h"],
    [277_200_000, "3d 05h"],
  ];
  assert.deepEqual(cases.map(([ms]) => formatDuration(ms)), cases.map(([, text]) => text));
});

Deno.test("formatCost() rounds to cents, but never a cost to zero", () => {
  assert.deepEqual([0, 0.001, 0.005, 0.42, 12.3, 1234.567].map(formatCost), [
    "$0.00",
    "<$0.01",
    "$0.01",
    "$0.42",
    "$12.30",
    "$1234.57",
  ]);
});

Deno.test("formatTokens() keeps up to three digits", () => {
  assert.deepEqual([0, 999, 1000, 12_345, 99_949, 99_950, 999_499, 999_500, 4_510_000].map(formatTokens), [
    "0",
    "999",
    "1.0k",
    "12.3k",
    "99.9k",
    "100k",
    "999k",
    "1.0M",
    "4.5M",
  ]);
});

Deno.test("formatCount() uses the plural except for one", () => {
  assert.deepEqual([0, 1, 2].map((count) => formatCount(count, "iteration")), [
    "0 iterations",
    "1 iteration",
    "2 iterations",
  ]);
});
