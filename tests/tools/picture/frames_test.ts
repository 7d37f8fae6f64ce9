import assert from "node:assert/strict";
import { framesOf, type Pacing } from "../../../tools/picture/frames.ts";
import type { Piece } from "../../../tools/picture/recording.ts";

const PACING: Pacing = { shortestMs: 100, longestMs: 1000, lastMs: 3000 };

/** What is read in each frame's first row, and how long. */
function shown(pieces: readonly Piece[]): readonly (readonly [string, number])[] {
  return framesOf({ columns: 20, rows: 3, pieces }, PACING).map(({ screen, durationMs }) => [
    [...screen.rows[0] ?? []].map((cell) => cell?.character ?? " ").join(""),
    durationMs,
  ]);
}

Deno.test("framesOf() shows each state as long as it stood, and the last one long", () => {
  const pieces = [{ atMs: 0, text: "a" }, { atMs: 250, text: "b" }, { atMs: 700, text: "c" }];
  assert.deepEqual(shown(pieces), [["a", 200], ["ab", 500], ["abc", 3000]]);
});

Deno.test("framesOf() cuts short what stands too long", () => {
  assert.deepEqual(shown([{ atMs: 0, text: "a" }, { atMs: 9000, text: "b" }]), [["a", 1000], ["ab", 3000]]);
});

Deno.test("framesOf() takes the last of what comes within the shortest time", () => {
  const pieces = [
    { atMs: 0, text: "a" },
    { atMs: 110, text: "b" },
    { atMs: 150, text: "c" },
    { atMs: 190, text: "d" },
    { atMs: 200, text: "e" },
  ];
  assert.deepEqual(shown(pieces), [["a", 100], ["abcd", 100], ["abcde", 3000]]);
});

Deno.test("framesOf() shows no half of a write that came in two pieces", () => {
  const pieces = [{ atMs: 0, text: "ab" }, { atMs: 199, text: "\r\u001b[K" }, { atMs: 201, text: "cd" }];
  assert.deepEqual(shown(pieces), [["ab", 200], ["cd", 3000]]);
});

Deno.test("framesOf() makes no frame where nothing that is seen changes", () => {
  const pieces = [
    { atMs: 0, text: "a" },
    { atMs: 210, text: "\ra" },
    { atMs: 220, text: "\u001b[?2004h" },
    { atMs: 400, text: "\ra\u001b[K" },
    { atMs: 600, text: "b" },
  ];
  assert.deepEqual(shown(pieces), [["a", 600], ["ab", 3000]]);
});

Deno.test("framesOf() sees that only a colour or the cursor changed", () => {
  const pieces = [
    { atMs: 0, text: "a" },
    { atMs: 100, text: "\r\u001b[32ma" },
    { atMs: 200, text: "\u001b[?25l" },
  ];
  assert.deepEqual(shown(pieces), [["a", 100], ["a", 100], ["a", 3000]]);
});
