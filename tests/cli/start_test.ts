import assert from "node:assert/strict";
import { Background } from "../helpers/background.ts";
import { answerQa } from "../helpers/verbs.ts";

Deno.test("start runs a session in the background, says how to watch it, and resumes it later", async () => {
  await using stage = new Background();
  const start = (...args: string[]) => stage.project.run(["start", ...args], stage.env());
  const first = await start("--session", "top", "--task", "Add --top");
  assert.deepEqual([first.code, first.stderr], [0, ""]);
  assert.match(first.stdout, / top {2}[^]* {2}Task {4}Add --top\n/);
  await stage.rested("top");
  assert.deepEqual(await start("top", "--task", "other"), {
    code: 2,
    signal: undefined,
    stdout: "",
    stderr: 'The session top exists and keeps its task. To give it another: samocode continue top --task "…"\n' +
      "samocode: Cannot resume top: its questions are not answered\n" +
      "  Answer its questions: samocode answer top\n",
  });
  await answerQa(stage.samocode(), { session: "top", answers: {}, acceptSuggestions: true, by: "a test" });
  const again = await start("top", "--json");
  assert.deepEqual([again.code, JSON.parse(again.stdout).session], [0, "top"]);
  assert.equal((await stage.rested("top")).needs, "approval");
  await stage.quiet();
});

Deno.test("start makes a name from the task, and refuses to start without one", async () => {
  await using stage = new Background();
  const start = (...args: string[]) => stage.project.run(["start", ...args], stage.env());
  const { stdout } = await start("--dive", "How tally counts", "--json");
  assert.equal(JSON.parse(stdout).session, "how-tally-counts");
  await stage.rested("how-tally-counts");
  const refused = await start();
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(
    refused.stderr,
    /^samocode: Cannot start a session: no task was given\n {2}Say what [^\n]*: samocode run /,
  );
  await stage.quiet();
});
