import assert from "node:assert/strict";
import { CommandLine, START } from "../cli/command_line.ts";
import { slowTest } from "../helpers/slow.ts";

Deno.test("run, answer, approve --reject, approve and run bring a session from its task to done", async (test) => {
  using line = new CommandLine();
  const planName = (): string => line.nameOf(/-plan-tally-top\.md$/);

  await test.step("run rests at the questions with exit code 10 and says how to go on", async () => {
    const { code, out, error } = await line.type(START);
    assert.deepEqual({ code, error }, { code: 10, error: "" });
    assert.match(out, /Next: samocode answer top\n.*Next: samocode run top\n$/);
    const { state, phase, iteration, needs, next, questions, detail } = await line.status("top");
    assert.deepEqual({ state, phase, iteration, needs, next, ids: questions.map(({ id }) => id), detail }, {
      state: "waiting",
      phase: "requirements",
      iteration: 2,
      needs: "answers",
      next: [{ verb: "answer", session: "top" }, { verb: "resume", session: "top" }],
      ids: ["Q1", "Q2"],
      detail: "The agent's questions need your answers",
    });
  });

  await test.step("run again without answers rests there at once, without an iteration", async () => {
    assert.equal((await line.type(["run", "top"])).code, 10);
    assert.equal((await line.status("top")).iteration, 2);
  });

  await test.step("answer asks one by one, asks again after a wrong letter, and takes Enter for the suggestion", async () => {
    const { code, out } = await line.type(["answer"], { answers: ["Z", "b", ""] });
    assert.equal(code, 0);
    assert.match(out, /Q1 cannot be Z: the options are A, B\n/);
    assert.match(out, /Answered Q1, Q2\.\n/);
    assert.match(Deno.readTextFileSync(line.path("_qa.md")), /\*\*Answer:\*\* B\n[^]*\*\*Answer:\*\* A\n/);
    const { needs, detail, next } = await line.status("top");
    assert.deepEqual({ needs, detail, next }, {
      needs: "none",
      detail: "You have decided; it can continue",
      next: [{ verb: "resume", session: "top" }],
    });
  });

  await test.step("run goes on to the plan, keeps its task, and says so", async () => {
    const { code, error } = await line.type(START);
    assert.deepEqual({ code, error }, {
      code: 10,
      error: 'The session top exists and keeps its task. To give it another: samocode continue top --task "…"\n',
    });
    const { needs, plan, phase } = await line.status("top");
    assert.deepEqual({ needs, phase, path: plan?.path, done: plan?.done, total: plan?.total }, {
      needs: "approval",
      phase: "planning",
      path: planName(),
      done: 0,
      total: 3,
    });
  });

  await test.step("approve --reject sends the plan back, and the next run brings a revised one", async () => {
    const before = Deno.readTextFileSync(line.path(planName()));
    const rejected = await line.type(["approve", "--reject", "Tests first"]);
    assert.equal(rejected.code, 0);
    assert.match(rejected.out, /^The plan goes back to the agent\./);
    assert.equal((await line.type(["run", "top"])).code, 10);
    const after = Deno.readTextFileSync(line.path(planName()));
    assert.notEqual(after, before);
    assert.match(after, /^> Tests first$/m);
    assert.equal((await line.status("top")).needs, "approval");
  });

  await test.step("approve with the shown hash, twice, is one approval", async () => {
    const sha256 = (await line.status("top")).plan?.sha256 ?? assert.fail();
    for (const _ of [1, 2]) {
      const { code, out } = await line.type(["approve", "top", "--sha256", sha256]);
      assert.equal(code, 0);
      assert.match(out, /^Approved /);
    }
    const opened = line.project.events().flatMap((event) =>
      event.type === "gate.opened" && event.gate === "plan_approval" ? [event] : []
    );
    assert.deepEqual(opened.map(({ by, document, sha256 }) => ({ by, document, sha256 })), [
      { by: "the command line, without a terminal (samocode approve)", document: planName(), sha256 },
    ]);
  });

  await test.step("run goes on to the end: exit code 0, every box ticked, commits on the session's branch", async () => {
    assert.equal((await line.type(["run", "top"])).code, 0);
    const { state, phase, needs, next, plan } = await line.status("top");
    assert.deepEqual({ state, phase, needs, next, open: (plan?.total ?? 0) - (plan?.done ?? 0) }, {
      state: "done",
      phase: "done",
      needs: "none",
      next: [
        { verb: "finish", session: "top" },
        { verb: "review", branch: "top" },
        { verb: "continue", session: "top" },
      ],
      open: 0,
    });
    assert.match(line.project.git("log", "--format=%s", "top"), /Reject a --top that is not a number/);
    const alarms = line.project.events().filter(({ type }) => type === "progress.missed");
    assert.deepEqual(alarms, [], "the demo's agents get on");
  });

  await test.step("run on a session that is done says done at once and spends nothing", async () => {
    const { iteration } = await line.status("top");
    assert.equal((await line.type(["run", "top"])).code, 0);
    assert.equal((await line.status("top")).iteration, iteration);
    assert.deepEqual(await line.type(["guide", "top", "one more thing"]), {
      code: 2,
      out: "",
      error: "samocode: Cannot guide top: it is done, and no iteration will follow\n" +
        "  Move it back to the phase to repeat, or give it a new task: " +
        'samocode phase top PHASE, or samocode continue top --task "what to do"\n',
    });
  });
});

slowTest("demo --yes plays a whole session by itself, and its project stays", async () => {
  using line = new CommandLine();
  const { code, out, error } = await line.type(["demo", "--yes"]);
  assert.deepEqual({ code, error }, { code: 0, error: "" });
  const folder = /Look around\n +cd '?(.+?)'?\n/.exec(out)?.[1] ?? assert.fail(out);
  const shown = new Deno.Command("sh", { args: ["-c", "cat sessions/*/_overview.md"], cwd: folder }).outputSync();
  assert.match(new TextDecoder().decode(shown.stdout), /^# Session: tally-top$/m);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("demo asks at its gates, and says how to continue when the person leaves", async () => {
  using line = new CommandLine();
  const { code, out } = await line.type(["demo"], { answers: ["B", "A", "print 5 by default"] });
  assert.equal(code, 10);
  assert.match(out, /Without --top: the 10 [^]*The plan goes back to the agent\.[^]*> print 5 by default\n/);
  const [, folder = ""] = /To continue\n {2}cd '?(.+?)'?\n {2}samocode approve tally-top\n/.exec(out) ??
    assert.fail(out);
  assert.match(out, /\n {2}samocode run tally-top --provider demo\n$/);
  const goOn = await line.type(["approve", "tally-top"], { workingDirectory: folder });
  assert.deepEqual({ code: goOn.code, error: goOn.error }, { code: 0, error: "" });
  Deno.removeSync(folder, { recursive: true });
});
