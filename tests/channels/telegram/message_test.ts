import assert from "node:assert/strict";
import { htmlOf, keyboardOf, MAX_CAPTION, MAX_TEXT } from "../../../src/channels/telegram/message.ts";
import { POST } from "../../helpers/telegram_stage.ts";
import { visibleText } from "../../helpers/telegram_html.ts";

Deno.test("htmlOf() fits any text into the limit, as well-formed HTML", () => {
  for (const unit of ["a", "<", "&amp;", "😀", "é", "\ud800", "</b>\n"]) {
    for (const maxLength of [MAX_TEXT, MAX_CAPTION]) {
      for (const count of [1, 300, 1100, 5000]) {
        const many = unit.repeat(count);
        for (const changes of [{ text: many }, { title: many }, { facts: [many, many] }, { reply: many, text: many }]) {
          const html = htmlOf({ ...POST, ...changes }, maxLength);
          const seen = visibleText(html) ?? assert.fail(html.slice(0, 200));
          assert.ok(seen.length <= maxLength, `${seen.length}`);
          assert.ok(html.isWellFormed());
          // What a person needs to know first and last is never cut away.
          if (!("title" in changes)) assert.ok(seen.startsWith("✋ auth-refresh needs your approval\n"));
          if (!("reply" in changes)) assert.ok(seen.endsWith("\n\nReply to send it back with what to change"));
        }
      }
    }
  }
});

Deno.test("htmlOf() uses all the available space", () => {
  const seen = visibleText(htmlOf({ ...POST, text: "&".repeat(9000) }, MAX_TEXT)) ?? "";
  assert.ok(seen.length > MAX_TEXT - 5, `${seen.length}`);
});

Deno.test("htmlOf() leaves nothing between parts that are empty", () => {
  assert.equal(
    htmlOf({ ...POST, facts: [], text: "", reply: "" }, MAX_TEXT),
    "<b>✋ auth-refresh needs your approval</b>",
  );
});

Deno.test("keyboardOf() puts short buttons in one row and long ones in their own, and cuts labels", () => {
  const rows = (labels: readonly string[]): readonly (readonly string[])[] =>
    keyboardOf(labels.map((label) => ({ nonce: "0", label }))).map((row) => row.map(({ text }) => text));
  assert.deepEqual(rows(["Approve", "Change", "Later", "Stop"]), [["Approve", "Change", "Later"], ["Stop"]]);
  assert.deepEqual(rows(["A) Keep the old endpoint", "B) Remove it", "C) Both"]), [
    ["A) Keep the old endpoint"],
    ["B) Remove it", "C) Both"],
  ]);
  assert.deepEqual(rows(["x".repeat(200)]), [[`${"x".repeat(59)}…`]]);
  assert.deepEqual(rows([]), []);
  assert.equal(rows(Array(300).fill("x")).flat().length, 100);
});
