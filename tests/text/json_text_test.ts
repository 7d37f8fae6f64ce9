import assert from "node:assert/strict";
import { jsonText } from "../../src/text/json_text.ts";

/** C0, DEL, C1, Arabic letter mark, zero width, line separators, bidi marks and isolates, BOM, tags, a lone surrogate. */
const HOSTILE = [
  ...Array.from({ length: 0xa0 }, (_, code) => code).filter((code) => code < 0x20 || code >= 0x7f),
  ...[0xad, 0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff],
  ...[0xe0001, 0xe007f],
].map((code) => String.fromCodePoint(code)).join("a");

Deno.test("jsonText() has no raw control or bidirectional character, and means the same", () => {
  for (const value of [HOSTILE, { [HOSTILE]: [HOSTILE, 1, undefined] }, "\ud800", "ä漢👍 \\u202e \"'"]) {
    const text = jsonText(value);
    assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
  }
  assert.equal(jsonText("ä漢👍"), '"ä漢👍"');
});
