import assert from "node:assert/strict";
import { join } from "node:path";
import { assertWhole } from "../../bench/crowd_project.ts";
import { ratioLine, spreadOf } from "../../bench/figures.ts";
import { writePast } from "../../bench/past_session.ts";
import { runBenchmarks } from "../../bench/run.ts";
import { runCrowd } from "../../bench/worker_crowd.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import { slow } from "../helpers/slow.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** What a line is about, and whether it says how many times what with a number that is one. */
const RATIO = /^ {2}(.+?) +\d+(?:\.\d+)? × {3}\(\d+(?:\.\d+)? … \d+(?:\.\d+)?\)$/;

Deno.test(slow({
  name: "runBenchmarks() measures each figure against its floor",
  ignore: Deno.build.os !== "linux",
  // Playwright keeps pipes of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const lines: string[] = [];
    await runBenchmarks({ root: ROOT, quick: true, write: (line) => lines.push(line) });
    const ratios = lines.flatMap((line) => RATIO.exec(line)?.[1] ?? []);
    const kinds = lines.filter((line) => / MB of output, /.test(line)).length;
    const startUp = lines.some((line) => line.startsWith("Start-up: not measured")) ? [] : [
      ...["--version", "--help", "status"].map((command) => `samocode ${command} / a program that greets`),
      "samocode mcp to initialize / a minimal server",
    ];
    const page = lines.some((line) => line.startsWith("The page in a browser: not measured")) ? [] : [
      "the session's head / a bare page",
      "a line appended to the journal / pushed by a bare server",
    ];
    const fleet = lines.some((line) => line.startsWith("The fleet: not measured")) ? [] : [
      "sessions / as many round trips of nothing",
      "where 500 wait / where 10 do",
      "where 500 of a full account wait / where 10 do",
      "where 10 wait / a round trip of nothing",
    ];
    const stream = ["read and kept / copied through a pipe", "read and kept / written by the child alone"];
    assert.deepEqual(ratios, [
      "loop / bare floor",
      "loop / floor that waits for the disk as often",
      "gap after 100 iterations / with no past",
      "gap of the loop / of the bare floor",
      "20 files, clean / git status",
      "20 files, 10 changed / git status",
      ...Array.from({ length: kinds }, () => stream).flat(),
      ...startUp,
      ...["start to initialize", "first tools/list", "first tools/call", "tools/call"].map((time) =>
        `${time} / a minimal server`
      ),
      "readStatus / the journal split and parsed",
      "readStatus after 8337 events / after 95",
      "samocode status after 8337 events / after 95",
      "resident at most after 8337 events / after 95",
      "find by its bare name / one look into the folder",
      "list all / each file read once",
      "tap / approve and start, typed",
      ...page,
      "all workers / as many bare ones",
      "resident, sum of peaks / bare",
      "resident at one moment / bare",
      ...fleet,
    ]);
    assert.ok(lines.includes("  All 4 journals whole, no process left"));
    assert.equal(lines.filter((line) => /^ {2}tools\/list .+ \d+ bytes /.test(line)).length, 2);
    assert.equal(kinds, 5);
    assert.deepEqual(lines.filter((line) => /\?|NaN/.test(line)), []);
  },
}));

Deno.test({
  name: "runBenchmarks() measures the named parts only, and names them all where one is wrong",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const lines: string[] = [];
    const run = (parts: readonly string[]) =>
      runBenchmarks({ root: ROOT, quick: true, parts, write: (line) => lines.push(line) });
    await assert.rejects(run(["sessions", "toString"]), {
      name: "RangeError",
      message:
        "Cannot measure toString: the parts are iterations, guard, checkpoints, streams, start-up, mcp, journal, sessions, phone, view, view-page, workers, fleet",
    });
    assert.deepEqual(lines, []);
    await run(["sessions"]);
    assert.deepEqual(lines.flatMap((line) => RATIO.exec(line)?.[1] ?? []), [
      "find by its bare name / one look into the folder",
      "list all / each file read once",
    ]);
  },
});

Deno.test("assertWhole() refuses a journal that lost, tore or doubled something", () => {
  using temp = new TempFolder();
  const sessions = temp.path;
  const folder = join(sessions, "26-01-01-a");
  const outcome = { kind: "blocked", reason: "the end", needs: "clarification" } as const;
  writePast(folder, { iterations: 2, project: sessions, outcome, withLogs: false });
  const path = join(folder, "_journal.jsonl");
  const whole = Deno.readTextFileSync(path);
  const lines = whole.trimEnd().split("\n");
  const check = (text: string, visits = 2) => {
    Deno.writeTextFileSync(path, text);
    assertWhole(sessions, { name: "a", visits });
  };
  check(whole);
  const harmed = {
    "a lost line": lines.toSpliced(5, 1).join("\n") + "\n",
    "a doubled line": lines.toSpliced(5, 0, lines[5] ?? "").join("\n") + "\n",
    "a torn line": whole.replace('"seq":7,', '"seq":'),
    "no last newline": whole.trimEnd(),
    "no end": lines.slice(0, -1).join("\n") + "\n",
  };
  for (const [harm, text] of Object.entries(harmed)) assert.throws(() => check(text), assert.AssertionError, harm);
  assert.throws(() => check(whole, 3), assert.AssertionError);
});

Deno.test({
  name: "runCrowd() tells of a member that failed, and of a process that was left behind, which it ends",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const shell = { name: "a shell", command: "/bin/sh", before: ["-c"] };
    const crowd = (scripts: readonly string[]) =>
      runCrowd(shell, { root: "/", agent: "", members: scripts.map((text) => [text]), code: 0, watch: false });
    assert.deepEqual({ ...await crowd(["true", "true"]), ms: 0 }, { peaks: 0, atOnce: 0, ms: 0 });
    await assert.rejects(crowd(["true", "echo why >&2; exit 3"]), { message: "one of 2 ended with 3: why\n" });
    using temp = new TempFolder();
    temp.pipe("pipe");
    // Ends when nobody is left who could write.
    const words = new Deno.Command("cat", { args: [temp.at("pipe")], stderr: "inherit" }).output();
    const script = `{ echo here; exec sleep 3600; } > '${temp.at("pipe")}' 2> /dev/null &`;
    await assert.rejects(crowd(["true", script]), { message: /^processes were left behind: \d+$/ });
    assert.equal(new TextDecoder().decode((await words).stdout), "here\n");
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
