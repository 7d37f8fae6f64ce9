import assert from "node:assert/strict";
import { cutText } from "../../src/text/cut_text.ts";

Deno.test("cutText() does not split a surrogate pair", () => {
  assert.deepEqual([cutText("😀😀", 4), cutText("😀😀", 3), cutText("😀😀", 2), cutText("abc", 2), cutText("abc", 0)], [
    "😀😀",
    "😀…",
    "…",
    "a…",
    "…",
  ]);
});
