import assert from "node:assert/strict";
import {
  dayStamp,
  documentStamp,
  formatCost,
  formatCount,
  formatDuration,
  formatTokens,
  iterationStamp,
  localMoment,
} from "../../src/text/format.ts";

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

const AFTERNOON = new Date(2026, 10, 20, 14, 37, 59, 999);
const EARLY = new Date(2031, 0, 2, 3, 4);
const LAST_MINUTE = new Date(2099, 11, 31, 23, 59);

Deno.test("iterationStamp() has three digits, the local date and the time", () => {
  assert.equal(iterationStamp(3, AFTERNOON), "[003 @ 11-20 14:37]");
  assert.equal(iterationStamp(0, EARLY), "[000 @ 01-02 03:04]");
  assert.equal(iterationStamp(999, LAST_MINUTE), "[999 @ 12-31 23:59]");
  assert.equal(iterationStamp(10_000, AFTERNOON), "[10000 @ 11-20 14:37]");
});

Deno.test("documentStamp() has a colon only if file names may", () => {
  assert.equal(documentStamp(AFTERNOON, { colon: true }), "11-20-14:37");
  assert.equal(documentStamp(AFTERNOON, { colon: false }), "11-20-1437");
  assert.equal(documentStamp(EARLY, { colon: true }), "01-02-03:04");
  assert.equal(documentStamp(EARLY, { colon: false }), "01-02-0304");
});

Deno.test("dayStamp() has the year's last two digits, month and day", () => {
  assert.equal(dayStamp(AFTERNOON), "26-11-20");
  assert.equal(dayStamp(EARLY), "31-01-02");
  assert.equal(dayStamp(LAST_MINUTE), "99-12-31");
  assert.equal(dayStamp(new Date(2100, 5, 7)), "00-06-07");
});

Deno.test("stamps within one century sort by time", () => {
  const hours = Array.from({ length: 400 }, (_, index) => new Date(2026, 0, 1, index * 21));
  for (const stamp of [(at: Date) => documentStamp(at, { colon: true }), (at: Date) => iterationStamp(7, at)]) {
    const stamps = hours.map(stamp);
    assert.deepEqual([...stamps].sort(), stamps);
  }
  const days = Array.from({ length: 200 }, (_, index) => dayStamp(new Date(2026, index, 1)));
  assert.deepEqual([...days].sort(), days);
});

Deno.test("localMoment() tells a time stamp in local time, and leaves what is none", () => {
  const local = new Date(2026, 10, 20, 14, 37);
  assert.deepEqual([localMoment(local.toISOString()), localMoment("soon")], ["11-20 14:37", "soon"]);
});
