import assert from "node:assert/strict";
import { join } from "node:path";
import { skippedForClient } from "../../tools/skipped_test.ts";
import { countLine, readTestReport } from "../../tools/test_report.ts";

const RUNNER = join(import.meta.dirname ?? ".", "../../tools/test.ts");

/** Runs the test command on a project of its own with these test files, and gives its code and last lines. */
async function run(
  files: Readonly<Record<string, string>>,
  { args = [], requireClients = false, isChecked = false, lines = 1, slow = "" }: {
    args?: readonly string[];
    requireClients?: boolean;
    /** Type-checking takes most of the time. */
    isChecked?: boolean;
    lines?: number;
    /** The value of SAMOCODE_TEST_SLOW. */
    slow?: string;
  } = {},
): Promise<{ readonly code: number; readonly end: readonly string[] }> {
  const root = Deno.makeTempDirSync({ prefix: "samocode-test-" });
  try {
    Deno.mkdirSync(join(root, "tests"));
    Deno.writeTextFileSync(join(root, "deno.json"), "{}");
    for (const [name, source] of Object.entries(files)) Deno.writeTextFileSync(join(root, "tests", name), source);
    const call = { args: isChecked ? args : ["--no-check", ...args], root, requireClients };
    Deno.writeTextFileSync(
      join(root, "run.ts"),
      `import { runTests } from ${JSON.stringify(`file://${RUNNER}`)};\nDeno.exit(await runTests(${
        JSON.stringify(call)
      }));`,
    );
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "run.ts"],
      cwd: root,
      env: { NO_COLOR: "1", SAMOCODE_TEST_SLOW: slow },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    return { code, end: new TextDecoder().decode(stdout).trimEnd().split("\n").slice(-lines) };
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

const GOOD = `Deno.test("good", () => {});`;
const BAD = `Deno.test("bad", () => { throw new Error("no"); });`;
const IGNORED = `Deno.test({ name: ${JSON.stringify(skippedForClient("real", "claude"))}, ignore: true, fn() {} });`;

Deno.test("runTests() ends with the count and Deno's exit code", async () => {
  assert.deepEqual(await run({ "a_test.ts": GOOD, "b_test.ts": GOOD }), { code: 0, end: ["2 passed, 0 failed"] });
  assert.deepEqual(await run({ "a_test.ts": GOOD + BAD }), { code: 1, end: ["1 passed, 1 failed"] });
});

Deno.test("runTests() repeats failed tests on their own, names those that pass then, and fails the rest", async () => {
  const unsteady = `Deno.test("unsteady", () => {
    if ([...Deno.readDirSync(".")].some(({ name }) => name === "been")) return;
    Deno.mkdirSync("been");
    throw new Error("no");
  });`;
  const once = `Deno.test("once", () => Deno.mkdirSync("once"));`;
  assert.deepEqual(await run({ "a_test.ts": GOOD + unsteady, "b_test.ts": once }, { lines: 2 }), {
    code: 0,
    end: ["Passed when repeated alone: unsteady", "3 passed, 0 failed"],
  });
  assert.deepEqual(await run({ "a_test.ts": unsteady + BAD }), { code: 1, end: ["1 passed, 1 failed"] });
  const chosen = { args: ["tests/a_test.ts"] };
  assert.deepEqual(await run({ "a_test.ts": unsteady }, chosen), { code: 1, end: ["0 passed, 1 failed"] });
});

Deno.test("runTests() leaves slow tests out of a full run only, unless asked for them", async () => {
  const slow = `Deno.test({ name: "slow", ignore: Deno.env.get("SAMOCODE_TEST_SLOW") === "0", fn() {} });`;
  const files = { "a_test.ts": GOOD + slow };
  assert.deepEqual((await run(files)).end, ["1 passed, 0 failed, 1 skipped"]);
  assert.deepEqual((await run(files, { slow: "1" })).end, ["2 passed, 0 failed"]);
  assert.deepEqual((await run(files, { args: ["tests/a_test.ts"] })).end, ["2 passed, 0 failed"]);
});

Deno.test("runTests() lists what was skipped before the count", async () => {
  assert.deepEqual(await run({ "a_test.ts": GOOD + IGNORED }, { lines: 3 }), {
    code: 0,
    end: [
      "Skipped:",
      "  real (skipped: claude not found; deno task clients)",
      "1 passed, 0 failed, 1 skipped",
    ],
  });
});

Deno.test("runTests() fails a skipped client test where clients are required, and no other skipped test", async () => {
  const other = `Deno.test({ name: "other", ignore: true, fn() {} });`;
  assert.deepEqual(await run({ "a_test.ts": GOOD + other }, { requireClients: true }), {
    code: 0,
    end: ["1 passed, 0 failed, 1 skipped"],
  });
  assert.deepEqual(await run({ "a_test.ts": GOOD + IGNORED }, { requireClients: true, lines: 2 }), {
    code: 1,
    end: [
      "Cannot accept a skipped test, SAMOCODE_REQUIRE_CLIENTS is set: " +
      "real (skipped: claude not found; deno task clients)",
      "1 passed, 1 failed, 1 skipped",
    ],
  });
});

Deno.test("runTests() fails a run in which nothing was executed", async () => {
  const expected = {
    code: 1,
    end: ["Cannot call this a test run: no test was executed", "0 passed, 1 failed"],
  };
  assert.deepEqual(await run({ "a_test.ts": GOOD }, { args: ["--filter", "nothing"], lines: 2 }), expected);
});

Deno.test("runTests() counts a module that does not load or type-check as a failure", async () => {
  const said = "Cannot finish the test run: deno test ended with 1, see above";
  const throwing = { "a_test.ts": GOOD, "b_test.ts": `throw new Error("at load");` };
  assert.deepEqual(await run(throwing, { lines: 2 }), { code: 1, end: [said, "1 passed, 1 failed"] });
  const mistyped = { "a_test.ts": GOOD, "b_test.ts": `const text: string = 1;\nexport { text };` };
  assert.deepEqual(await run(mistyped, { isChecked: true, lines: 2 }), { code: 1, end: [said, "1 passed, 1 failed"] });
});

Deno.test("runTests() passes files and filters on", async () => {
  const files = { "a_test.ts": GOOD, "b_test.ts": BAD };
  assert.deepEqual(await run(files, { args: ["tests/a_test.ts"] }), { code: 0, end: ["1 passed, 0 failed"] });
  assert.deepEqual(await run(files, { args: ["tests"] }), { code: 1, end: ["1 passed, 1 failed"] });
  const { code } = await run(files, { args: ["tests/c_test.ts"] });
  assert.equal(code, 1);
  assert.deepEqual(await run(files, { args: ["--filter", "good"] }), { code: 0, end: ["1 passed, 0 failed"] });
});

Deno.test("readTestReport() counts steps with their test and leaves out what a filter left out", () => {
  const junit = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="6" failures="2" errors="0" time="0.1">
    <testsuite name="./a_test.ts" tests="6" disabled="2" errors="0" failures="2">
        <testcase name="a &gt; b &amp; &lt;c&gt;" classname="./a_test.ts" time="0.000" line="1" col="6">
        </testcase>
        <testcase name="steps" classname="./a_test.ts" time="0.000" line="2" col="6">
            <failure message="1 test step failed.">&lt;testcase name=&quot;no&quot;</failure>
        </testcase>
        <testcase name="later" classname="./a_test.ts" time="0.000" line="3" col="6">
            <skipped/>
        </testcase>
        <testcase name="filtered" classname="./a_test.ts" line="4" col="6">
            <skipped/>
        </testcase>
        <testcase name="steps &gt; one" classname="./a_test.ts" time="0.000" line="2" col="43">
            <failure message="no">no</failure>
        </testcase>
        <testcase name="steps &gt; two" classname="./a_test.ts" time="0.000" line="2" col="73">
            <skipped/>
        </testcase>
    </testsuite>
</testsuites>`;
  assert.deepEqual(readTestReport(junit), { passed: 1, failures: ["steps"], skipped: ["later"] });
});

Deno.test("countLine() speaks of skipped tests only where there are some", () => {
  assert.deepEqual([[], ["a"]].map((skipped) => countLine({ passed: 3, failed: 0, skipped })), [
    "3 passed, 0 failed",
    "3 passed, 0 failed, 1 skipped",
  ]);
});
