import assert from "node:assert/strict";
import { join } from "node:path";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest, slowClientTest } from "../helpers/find_clients.ts";
import { GUARDS } from "../helpers/guarded_project.ts";
import { markedProcesses, TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "greet", "--dive", "what is here", "--task", "Add a greeting"];

for (const guard of GUARDS) {
  const test = guard === GUARDS.at(-1) ? clientTest : slowClientTest;
  test(
    `the real claude takes a task from nothing to done, through both gates (guard: ${guard})`,
    "claude",
    async (found) => {
      await using model = await startFakeModel(found.fakeModel, "claude_session");
      using project = new TempProject({ ...claudeEnvironment(found.path, model), SAMOCODE_GUARD: guard });

      const asked = await project.run(RUN);
      assert.equal(asked.code, 10, asked.stdout + asked.stderr);
      const answered = await project.run(["answer", "greet", "Q1=B"]);
      assert.equal(answered.code, 0, answered.stderr);
      // The very same command again goes on, and says that the task is not read a second time.
      const planned = await project.run(RUN);
      assert.equal(planned.code, 10, planned.stdout + planned.stderr);
      assert.match(planned.stderr, /exists and keeps its task/);
      await project.run(["approve", "greet", "--reject", "I want a test, too"]);
      assert.equal((await project.run(["run", "greet"])).code, 10);
      const plan = Deno.readTextFileSync(
        join(project.sessionFolder(), JSON.parse((await project.run(["status", "greet", "--json"])).stdout).plan.path),
      );
      assert.match(plan, /As asked: I want a test, too/);
      assert.equal((await project.approve("greet")).code, 0);
      const done = await project.run(["run", "greet"]);
      assert.equal(done.code, 0, done.stdout + done.stderr);

      const status = JSON.parse((await project.run(["status", "greet", "--json"])).stdout);
      assert.equal(status.state, "done");
      assert.equal(status.detail, "Added a greeting and its test");
      assert.ok(status.costUsd > 0.1, "the cost is told");
      assert.equal(project.git("log", "--format=%s", "greet"), "Test the greeting\nAdd the greeting\nBegin");
      assert.equal(project.git("log", "--format=%s", "main"), "Begin");

      const events = project.events();
      assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
      assert.deepEqual(
        events.flatMap((event) => event.type === "phase.entered" ? [event.phase] : []),
        ["investigation", "requirements", "planning", "implementation", "testing", "quality", "done"],
      );
      assert.deepEqual(
        events.flatMap((event) => event.type === "gate.opened" ? [`${event.gate} by ${event.by}`] : []),
        [
          "qa_answers by the command line, without a terminal (samocode answer)",
          "plan_approval by the command line, without a terminal (samocode approve)",
        ],
      );
      // The forgotten signal was written after the Stop hook's word, in the same iteration.
      assert.deepEqual(events.filter(({ type }) => type === "signal.refused"), []);
      assert.ok(events.some((event) => event.type === "agent.retried"), "the overload is told");
      const left = events.flatMap((event) => event.type === "processes.ended" ? [event.pids.length] : []);
      // Behind the guard they end with the agent.
      assert.deepEqual(left, guard === "off" ? [2] : []);
      assert.deepEqual(markedProcesses(events), []);
      assert.ok(events.every(({ type }) => type !== "progress.missed"), "no false alarm");
      assert.deepEqual(
        model.requests.filter(({ path, rule }) => path === "/v1/messages" && !rule),
        [],
        "every request was scripted",
      );
      const skill = model.requests.find(({ lastTool }) => lastTool === "Skill");
      assert.equal(skill?.toolError, false, `the shipped skill is loaded: ${skill?.toolResult}`);
      for (const folder of ["agents", "skills", "commands"]) {
        assert.throws(() => Deno.statSync(join(project.root, "home", ".claude", folder)), Deno.errors.NotFound);
      }
      assert.deepEqual([...Deno.readDirSync(join(project.root, "home", ".cache", "samocode", "context"))], []);
    },
  );
}

slowClientTest(
  "the real claude takes a small task by the light route, and then more work on the same branch",
  "claude",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, "claude_session");
    using project = new TempProject({ ...claudeEnvironment(found.path, model) });
    const asked = await project.run(["run", "--light", "Add a greeting"]);
    assert.equal(asked.code, 10, asked.stdout + asked.stderr);
    assert.equal((await project.approve("add-a-greeting")).code, 0);
    const done = await project.run(["run", "add-a-greeting"]);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    const light = ["investigation", "planning", "implementation", "testing", "quality", "done"];
    const entered = () => project.events().flatMap((event) => event.type === "phase.entered" ? [event.phase] : []);
    assert.deepEqual(entered(), light);
    const more = await project.run(["continue", "add-a-greeting", "--task", "Add another one", "--light"]);
    assert.equal(more.code, 10, more.stdout + more.stderr);
    assert.deepEqual(entered().slice(light.length), ["investigation", "planning"]);
    assert.deepEqual(model.requests.filter(({ path, rule }) => path === "/v1/messages" && !rule), []);
  },
);

const LONG_COMMAND = {
  strict: true,
  extract: { system: ["\\*\\*Session path:\\*\\* (?<S>\\S+)"] },
  rules: [
    {
      name: "a long command, the first time",
      when: { system: "^\\*\\*Phase:\\*\\* investigation$" },
      conversations: 1,
      steps: [{
        tools: [{ bash: "nohup sleep 300 >/dev/null 2>&1 & touch {{S}}/at-work; sleep 300" }],
        usage: { input: 1000, output: 100 },
      }],
    },
    {
      name: "the second time it is blocked, to come to an end",
      when: { system: ["^\\*\\*Phase:\\*\\* investigation$", "## What happened before"] },
      steps: [
        {
          tools: [{
            write: {
              path: "{{S}}/_signal.json",
              content: '{"status":"blocked","reason":"Enough of it","needs":"human_decision"}',
            },
          }],
        },
        { text: "Done." },
      ],
    },
  ],
};

for (const guard of GUARDS) {
  clientTest(
    `Ctrl-C ends the real claude with all that it started, keeps its cost, and the session goes on (guard: ${guard})`,
    "claude",
    async (found) => {
      await using model = await startFakeModel(found.fakeModel, LONG_COMMAND);
      using project = new TempProject({ ...claudeEnvironment(found.path, model), SAMOCODE_GUARD: guard });
      const worker = project.start(RUN);
      const output = worker.output();
      await project.untilFile("at-work");
      worker.kill("SIGINT");
      const { code, stdout } = await output;
      assert.equal(code, 130, new TextDecoder().decode(stdout));
      const events = project.events();
      assert.deepEqual(markedProcesses(events), []);
      const ended = events.find((event) => event.type === "iteration.ended");
      assert.deepEqual(ended?.end, { kind: "aborted", by: "you (Ctrl-C)" });
      assert.ok((ended?.usage.costUsd ?? 0) > 0, "Claude reports its cost on SIGINT");
      assert.deepEqual(events.at(-1)?.type, "session.stopped");

      const again = await project.run(["run", "greet"]);
      assert.equal(again.code, 20, again.stdout + again.stderr);
      assert.deepEqual(project.attempts(), ["1.1", "1.2"]);
    },
  );
}

for (const guard of GUARDS) {
  clientTest(
    `after kill -9 of the worker nothing of the agent is left, and the next run goes on, saying so in one line (guard: ${guard})`,
    "claude",
    async (found) => {
      await using model = await startFakeModel(found.fakeModel, LONG_COMMAND);
      using project = new TempProject({ ...claudeEnvironment(found.path, model), SAMOCODE_GUARD: guard });
      const worker = project.start(RUN);
      const output = worker.output();
      await project.untilFile("at-work");
      worker.kill("SIGKILL");
      await output;
      while (markedProcesses(project.events()).length > 0) await new Promise((wake) => setTimeout(wake, 10));
      assert.equal(JSON.parse((await project.run(["status", "greet", "--json"])).stdout).state, "crashed");

      const again = await project.run(["run", "greet"]);
      assert.equal(again.code, 20, again.stdout + again.stderr);
      const events = project.events();
      assert.deepEqual(markedProcesses(events), []);
      assert.equal(events.filter(({ type }) => type === "session.recovered").length, 1);
      assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
      assert.deepEqual(project.attempts(), ["1.1", "1.2"]);
    },
  );
}

clientTest("a subscription's limit is waited for, and a stop is heard while waiting", "claude", async (found) => {
  await using model = await startFakeModel(found.fakeModel, { rules: [{ reply: { error: "usage-limit" } }] });
  const { ANTHROPIC_API_KEY: _, ...env } = claudeEnvironment(found.path, model);
  using project = new TempProject({ ...env, CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-fake" });
  const worker = project.start(RUN);
  const output = worker.output();
  await project.until((events) => events.some(({ type }) => type === "iteration.retried"));
  const stopped = await project.run(["stop", "greet"]);
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.equal((await output).code, 130);
  const events = project.events();
  assert.equal(events.find((event) => event.type === "iteration.ended")?.end.kind, "rate-limited");
  assert.ok(
    events.some((event) => event.type === "iteration.retried" && event.delayMs > 60_000),
    "it would have waited",
  );
  assert.deepEqual(project.attempts(), ["1.1"], "no token is spent after a stop");
});
