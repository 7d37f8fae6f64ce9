import assert from "node:assert/strict";
import { followLines, type FollowOptions } from "../../../src/system/files/follow_lines.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

type Chunk = string | Uint8Array;

/** The lines of a file that is whole from the beginning. */
async function linesOf(content: Chunk, options: Partial<FollowOptions> = {}): Promise<readonly string[]> {
  using folder = new TempFolder();
  return await Array.fromAsync(followEach(folder.file("log", content), { ended: Promise.resolve(), ...options }));
}

/** The lines of a file that grows by one chunk after the other, each written when the one before was read. */
async function linesOfGrowing(
  chunks: readonly Chunk[],
  options: Partial<FollowOptions> = {},
): Promise<readonly string[]> {
  using folder = new TempFolder();
  const path = folder.file("log", "");
  const left = chunks[Symbol.iterator]();
  const end = Promise.withResolvers<void>();
  let unread = 0;
  const next = (): void => {
    const chunk = left.next();
    if (chunk.done) return end.resolve();
    const bytes = typeof chunk.value === "string" ? new TextEncoder().encode(chunk.value) : chunk.value;
    unread = bytes.length;
    Deno.writeFileSync(path, bytes, { append: true });
  };
  const onBytes = (count: number): void => {
    unread -= count;
    // After the reading, not within it.
    if (unread === 0) setTimeout(next, 0);
  };
  setTimeout(next, 0);
  return await Array.fromAsync(followEach(path, { ended: end.promise, onBytes, ...options }));
}

async function* followEach(path: string, options: FollowOptions): AsyncGenerator<string> {
  for await (const lines of followLines(path, options)) yield* lines;
}

function inBytes(text: string): readonly Uint8Array[] {
  return [...new TextEncoder().encode(text)].map((byte) => new Uint8Array([byte]));
}

const TEXT = 'first\nsecond ä€😀\r\n{"a":"b\\n"}\nlast\n';
const LINES = ["first", "second ä€😀", '{"a":"b\\n"}', "last"];

Deno.test("followLines() reads a file that has ended already", async () => {
  assert.deepEqual(await linesOf(TEXT), LINES);
  assert.deepEqual(await linesOf(""), []);
});

Deno.test("followLines() joins lines that arrive byte by byte", async () => {
  assert.deepEqual(await linesOfGrowing(inBytes(TEXT)), LINES);
});

Deno.test("followLines() yields a last line without an end, even with a cut letter", async () => {
  assert.deepEqual(await linesOf("one\ntwo"), ["one", "two"]);
  assert.deepEqual(await linesOf("one\r"), ["one"]);
  assert.deepEqual(await linesOf(new Uint8Array([97, 10, 98, 0xe2, 0x82])), ["a", "b\ufffd"]);
  assert.deepEqual(await linesOfGrowing(["one\ntw", "o"]), ["one", "two"]);
});

Deno.test("followLines() skips empty lines", async () => {
  assert.deepEqual(await linesOf("\n\r\n\none\n\n\ntwo\n\r\n"), ["one", "two"]);
});

Deno.test("followLines() reads invalid bytes and NUL as text", async () => {
  assert.deepEqual(await linesOf(new Uint8Array([255, 97, 10, 0, 98, 10, 0xc3, 10])), ["\ufffda", "\0b", "\ufffd"]);
});

Deno.test("followLines() keeps letters whole, wherever a chunk ends", async () => {
  for (const shift of [0, 1, 2, 3]) {
    const line = "x".repeat(shift) + "😀".repeat(20_000);
    assert.deepEqual(await linesOf(`${line}\n${line}\n`), [line, line]);
  }
});

Deno.test("followLines() skips only lines that are too long", async () => {
  const options = { maxLineLength: 10_000 };
  const just = "j".repeat(10_000);
  for (const length of [10_001, 30_000, 100_000]) {
    const long = "x".repeat(length);
    assert.deepEqual(await linesOf(`one\n${long}\n${just}\ntwo\n`, options), ["one", just, "two"]);
    assert.deepEqual(await linesOf(`${long}\n${long}\ntwo`, options), ["two"]);
    assert.deepEqual(await linesOf(`one\n${long}`, options), ["one"]);
    assert.deepEqual(await linesOfGrowing(["one\n", long, long, "\ntwo\n"], options), ["one", "two"]);
  }
});

Deno.test("followLines() skips a line of 50 MB", async () => {
  using folder = new TempFolder();
  const path = folder.file("log", "one\n");
  const part = "x".repeat(1_000_000);
  for (let megabyte = 0; megabyte < 50; megabyte++) Deno.writeTextFileSync(path, part, { append: true });
  Deno.writeTextFileSync(path, "\ntwo\n", { append: true });
  let bytes = 0;
  const options = { ended: Promise.resolve(), onBytes: (count: number) => bytes += count };
  assert.deepEqual(await Array.fromAsync(followEach(path, options)), ["one", "two"]);
  assert.equal(bytes, 50_000_009);
});

Deno.test("followLines() reads everything written before the end", async () => {
  using folder = new TempFolder();
  const path = folder.file("log", "one\n");
  const end = Promise.withResolvers<void>();
  const seen: string[] = [];
  for await (const line of followEach(path, { ended: end.promise })) {
    seen.push(line);
    if (line !== "one") continue;
    Deno.writeTextFileSync(path, "two\nthree", { append: true });
    end.resolve();
  }
  assert.deepEqual(seen, ["one", "two", "three"]);
});

Deno.test("followLines() notices once that what it read was cut off", async () => {
  using folder = new TempFolder();
  const path = folder.file("log", "one\ntwo\n");
  const end = Promise.withResolvers<void>();
  const cuts: number[] = [];
  const onCut = (count: number): void => {
    cuts.push(count);
    Deno.truncateSync(path, 0);
    end.resolve();
  };
  for await (const line of followEach(path, { ended: end.promise, onCut })) {
    if (line === "two") Deno.truncateSync(path, 4);
  }
  assert.deepEqual(cuts, [4]);
  assert.deepEqual(
    await Array.fromAsync(followEach(folder.file("other", TEXT), { ended: Promise.resolve(), onCut })),
    LINES,
  );
  assert.deepEqual(cuts, [4]);
});

Deno.test("followLines() lets timers run while the writer never pauses", async () => {
  using folder = new TempFolder();
  const path = folder.file("log", "");
  const end = Promise.withResolvers<void>();
  const line = `${"x".repeat(20_000)}\n`;
  Deno.writeTextFileSync(path, line);
  // Only a timer ends this file: who never rests never sees the end of it.
  setTimeout(() => end.resolve(), 100);
  let ended = false;
  end.promise.then(() => ended = true);
  let written = 0;
  const onBytes = (count: number): void => {
    if (ended || written > 5e8) return;
    written += count;
    Deno.writeTextFileSync(path, "y".repeat(count - 1) + "\n", { append: true });
  };
  for await (const _ of followLines(path, { ended: end.promise, onBytes })) {
    // Nothing is done with them.
  }
  assert.equal(ended, true);
  assert.ok(written < 5e8, "the timer had no turn");
});

Deno.test("followLines() stops when its consumer does", async () => {
  using folder = new TempFolder();
  const never = Promise.withResolvers<void>();
  for await (const line of followEach(folder.file("log", TEXT), { ended: never.promise })) {
    assert.equal(line, "first");
    break;
  }
});

Deno.test("followLines() throws if there is no file", async () => {
  using folder = new TempFolder();
  await assert.rejects(
    Array.fromAsync(followLines(folder.at("missing"), { ended: Promise.resolve() })),
    Deno.errors.NotFound,
  );
});

Deno.test("followLines() skips long lines by their start, and asks once per line", async () => {
  const useless = `no ${"x".repeat(100_000)}`;
  const useful = `yes ${"y".repeat(100_000)}`;
  const asked: string[] = [];
  const mayMatter = (start: string): boolean => {
    asked.push(start.slice(0, 3));
    return start.startsWith("yes");
  };
  const text = `${useless}\n${useful}\nno but short\n${useless}`;
  assert.deepEqual(await linesOf(text, { mayMatter }), [useful, "no but short"]);
  assert.deepEqual(asked, ["no ", "yes", "no "]);
});

Deno.test("followLines() yields an empty batch when it is nudged, though nothing was written", async () => {
  using folder = new TempFolder();
  const end = Promise.withResolvers<void>();
  let nudge = () => {};
  const batches: (readonly string[])[] = [];
  const following = followLines(folder.file("log", "one\n"), {
    ended: end.promise,
    onReady: (given) => void (nudge = given),
  });
  for await (const lines of following) {
    batches.push(lines);
    if (lines.length > 0) nudge();
    else end.resolve();
  }
  assert.deepEqual(batches, [["one"], []]);
});
