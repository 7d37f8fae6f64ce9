import assert from "node:assert/strict";
import { decodeText, encodeText } from "../../src/text/lossless_text.ts";

Deno.test("decodeText() reads UTF-8 and keeps the byte order mark", () => {
  for (const text of ["", "a", "\ufeffGrüße 日本 🎈\0\r\n", "\ufffd", "\u{10ffff}\ud7ff\ue000"]) {
    assert.equal(decodeText(new TextEncoder().encode(text)), text);
    assert.deepEqual(encodeText(text), new TextEncoder().encode(text));
  }
});

Deno.test("decodeText() turns each byte that is not UTF-8 into a surrogate", () => {
  const cases: readonly (readonly [readonly number[], string])[] = [
    [[0x61, 0xff, 0x62], "a\udcffb"],
    [[0xe9], "\udce9"],
    [[0xc0, 0x80], "\udcc0\udc80"],
    [[0xed, 0xa0, 0x80], "\udced\udca0\udc80"],
    [[0xf4, 0x90, 0x80, 0x80], "\udcf4\udc90\udc80\udc80"],
    [[0xe2, 0x82], "\udce2\udc82"],
    [[0xe2, 0x82, 0xac, 0xe2, 0x82], "€\udce2\udc82"],
    [[0xff, 0xef, 0xbb, 0xbf, 0xef, 0xbf, 0xbd], "\udcff\ufeff\ufffd"],
  ];
  for (const [bytes, text] of cases) {
    assert.equal(decodeText(Uint8Array.from(bytes)), text);
    assert.deepEqual([...encodeText(text)], bytes);
  }
});

Deno.test("encodeText() restores all bytes from decodeText()", () => {
  // All pairs, and around them what makes longer sequences of them.
  for (const before of [[], [0xe2], [0xf0, 0x9f]]) {
    for (let first = 0x70; first < 256; first++) {
      const bytes = Array.from({ length: 256 }, (_, second) => [...before, first, second, 0xac]).flat();
      assert.deepEqual([...encodeText(decodeText(Uint8Array.from(bytes)))], bytes);
    }
  }
});

Deno.test("decodeText() reads a megabyte of any bytes", () => {
  const bytes = new Uint8Array(1024 * 1024).fill(0xc3);
  bytes.fill(0x61, 1024 * 256, 1024 * 512);
  assert.equal(decodeText(bytes).length, bytes.length);
  assert.ok(encodeText(decodeText(bytes)).every((byte, index) => byte === bytes[index]));
});
