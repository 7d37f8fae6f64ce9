import assert from "node:assert/strict";
import { join } from "node:path";
import { ratioLine, spreadOf } from "../../bench/figures.ts";
import { runBenchmarks } from "../../bench/run.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** What a line is about, and whether it says how many times what with a number that is one. */
const RATIO = /^ {2}(.+?) +\d+(?:\.\d+)? × {3}\(\d+(?:\.\d+)? … \d+(?:\.\d+)?\)$/;

Deno.test({
  name: "runBenchmarks() measures each figure against its floor",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const lines: string[] = [];
    await runBenchmarks({ root: ROOT, quick: true, write: (line) => lines.push(line) });
    const ratios = lines.flatMap((line) => RATIO.exec(line)?.[1] ?? []);
    const kinds = lines.filter((line) => / MB of output, /.test(line)).length;
    const startUp = lines.some((line) => line.startsWith("Start-up: not measured"))
      ? []
      : ["--version", "--help", "status"].map((command) => `samocode ${command} / a program that greets`);
    const stream = ["read and kept / copied through a pipe", "read and kept / written by the child alone"];
    assert.deepEqual(ratios, [
      "loop / bare floor",
      "loop / floor that waits for the disk as often",
      "gap after 100 iterations / with no past",
      "gap of the loop / of the bare floor",
      ...Array.from({ length: kinds }, () => stream).flat(),
      ...startUp,
      ...["start to initialize", "first tools/list", "first tools/call", "tools/call"].map((time) =>
        `${time} / a minimal server`
      ),
    ]);
    assert.equal(lines.filter((line) => /^ {2}tools\/list .+ \d+ bytes /.test(line)).length, 2);
    assert.equal(kinds, 5);
    assert.deepEqual(lines.filter((line) => /\?|NaN/.test(line)), []);
  },
});

Deno.test("spreadOf() gives the least, the middle and the most", () => {
  assert.deepEqual(spreadOf([3, 10, 1]), { min: 1, median: 3, max: 10 });
  assert.deepEqual(spreadOf([4, 1, 2, 100]), { min: 1, median: 3, max: 100 });
  assert.deepEqual(spreadOf([]), { min: NaN, median: NaN, max: NaN });
});

Deno.test("ratioLine() compares round by round, not median by median", () => {
  assert.equal(
    ratioLine("one / two", { of: [2, 20, 200], to: [1, 10, 1] }).replaceAll(/ +/g, " "),
    " one / two 2.00 × (2.00 … 200)",
  );
});
