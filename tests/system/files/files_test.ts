import assert from "node:assert/strict";
import { readTail, removeAbandoned } from "../../../src/system/files/files.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

Deno.test("readTail() reads the last bytes, or all if there are fewer", () => {
  using folder = new TempFolder();
  const path = folder.file("log", "first\nsecond\n");
  assert.equal(readTail(path, 7), "second\n");
  assert.equal(readTail(path, 13), "first\nsecond\n");
  assert.equal(readTail(path, 1000), "first\nsecond\n");
  assert.equal(readTail(path, 0), "");
});

Deno.test("readTail() returns an empty text for an empty or missing file", () => {
  using folder = new TempFolder();
  assert.equal(readTail(folder.file("empty", ""), 10), "");
  assert.equal(readTail(folder.at("missing"), 10), "");
});

Deno.test("readTail() reads invalid bytes and cut letters as text", () => {
  using folder = new TempFolder();
  assert.equal(readTail(folder.file("log", "a€b"), 3), "\ufffd\ufffdb");
  assert.equal(readTail(folder.file("bytes", new Uint8Array([97, 255, 98])), 9), "a\ufffdb");
});

Deno.test("readTail() is fast for a long file", () => {
  using folder = new TempFolder();
  const path = folder.file("long", "");
  Deno.truncateSync(path, 2 ** 40);
  Deno.writeTextFileSync(path, "the end", { append: true });
  assert.equal(readTail(path, 7), "the end");
});

Deno.test("removeAbandoned() removes what a killed process left, and nothing that is being written or another's", () => {
  using folder = new TempFolder();
  const old = folder.file(`.${crypto.randomUUID()}.tmp`, "half");
  folder.file(`.${crypto.randomUUID()}.tmp`, "now");
  const other = folder.file(".mine.tmp", "");
  for (const path of [old, other]) Deno.utimeSync(path, 0, 0);
  removeAbandoned(folder.path);
  assert.deepEqual([...Deno.readDirSync(folder.path)].filter(({ name }) => `${folder.path}/${name}` === old), []);
  assert.equal([...Deno.readDirSync(folder.path)].length, 2);
});
