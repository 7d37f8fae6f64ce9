import assert from "node:assert/strict";
import { join } from "node:path";
import { CodexProject } from "../helpers/codex_project.ts";
import { startFakeModel } from "../helpers/fake_model.ts";
import { GUARDS } from "../helpers/guarded_project.ts";
import { clientTest, slowClientTest } from "../helpers/find_clients.ts";
import { type Finished, markedProcesses } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "greet", "--dive", "what is here", "--task", "Add a greeting"];

for (const guard of GUARDS) {
  const test = guard === GUARDS.at(-1) ? clientTest : slowClientTest;
  test(
    `the real codex takes a task from nothing to done, through both gates (guard: ${guard})`,
    "codex",
    async (found) => {
      await using model = await startFakeModel(found.fakeModel, "codex_session");
      using project = new CodexProject(found, model, { SAMOCODE_GUARD: guard });

      const asked = await project.run(RUN);
      assert.equal(asked.code, 10, told(asked));
      assert.equal((await project.run(["answer", "greet", "Q1=B"])).code, 0);
      const planned = await project.run(["run", "greet"]);
      assert.equal(planned.code, 10, told(planned));
      await project.run(["approve", "greet", "--reject", "I want a test, too"]);
      assert.equal((await project.run(["run", "greet"])).code, 10);
      assert.equal((await project.approve("greet")).code, 0);
      const done = await project.run(["run", "greet"]);
      assert.equal(done.code, 0, told(done));

      const status = JSON.parse((await project.run(["status", "greet", "--json"])).stdout);
      assert.deepEqual([status.state, status.provider, status.detail], [
        "done",
        "codex",
        "Added a greeting and its test",
      ]);
      assert.equal(status.costUsd ?? undefined, undefined, "a cost is not invented");
      assert.equal(project.git("log", "--format=%s", "greet"), "Test the greeting\nAdd the greeting\nBegin");
      assert.equal(project.git("log", "--format=%s", "main"), "Begin");
      // In the sandbox neither a hook nor git's configuration can be planted, nor a file beside.
      assert.deepEqual(
        [...Deno.readDirSync(join(project.repo, ".git", "hooks"))].filter(({ name }) => name === "pre-commit"),
        [],
      );
      assert.doesNotMatch(Deno.readTextFileSync(join(project.repo, ".git", "config")), /evil/);
      assert.throws(() => Deno.statSync(join(project.root, "beside")), Deno.errors.NotFound);

      const events = project.events();
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
      const first = events.find((event) => event.type === "iteration.ended");
      const { estimatedUsd = 0, ...usage } = first?.usage ?? {};
      assert.ok(Math.abs(estimatedUsd - (2600 * 5 + 610 * 30 + 17500 * 0.5) / 1e6) < 1e-9, `${estimatedUsd}`);
      assert.deepEqual(usage, {
        inputTokens: 2600,
        outputTokens: 610,
        cacheReadTokens: 17500,
        cacheWriteTokens: 0,
        modelCalls: 6,
      });
      assert.deepEqual(
        events.flatMap((event) => event.type === "iteration.retried" ? [[event.iteration, event.repair]] : []),
        [[4, true]],
        "the forgotten signal is asked for once",
      );
      assert.ok(events.some((event) => event.type === "agent.retried" && event.of === 5), "the limit is told");
      assert.deepEqual(markedProcesses(events), []);
      assert.ok(events.every(({ type }) => type !== "progress.missed"), "no false alarm");
      assert.deepEqual(
        model.requests.filter(({ path, rule }) => path === "/v1/responses" && !rule),
        [],
        "every request was scripted",
      );
      assert.deepEqual([...Deno.readDirSync(join(project.root, "home", ".cache", "samocode", "context"))], []);
      assert.deepEqual(project.codexFiles().filter((name) => /^sessions|^AGENTS|^prompts|^rules/.test(name)), []);
    },
  );
}

clientTest("the real codex gets a context of any length, and no argument shows it", "codex", async (found) => {
  await using model = await startFakeModel(found.fakeModel, {
    strict: true,
    extract: SESSION,
    rules: [
      {
        name: "the first time it looks at how it was called",
        when: { prompt: "^\\*\\*Phase:\\*\\* investigation$", system: "^You are samocode's investigation-agent" },
        conversations: 1,
        steps: [{ tools: [{ bash: "tr '\\0' '\\n' < /proc/$PPID/cmdline > {{S}}/called" }] }, ...BLOCK],
      },
      {
        when: { prompt: "the last words of a long story\\s+This is shown once. .*\\s+## What happened before" },
        steps: BLOCK,
      },
    ],
  });
  using project = new CodexProject(found, model, { CODEX_SANDBOX_MODE: "danger-full-access" });
  const run = await project.run(RUN);
  assert.equal(run.code, 20, told(run));
  // An argument holds 128 KiB, and so each word is told for itself.
  for (const words of ["one", "two", "the last words of a long story"]) {
    const guided = await project.run(["guide", "greet", `${"A long story. ".repeat(8_000)}${words}`]);
    assert.equal(guided.code, 0, told(guided));
  }
  const again = await project.run(["run", "greet"]);
  assert.equal(again.code, 20, told(again));
  assert.deepEqual(project.attempts(), ["1.1", "2.1"]);
  assert.deepEqual(
    project.events().flatMap((event) => event.type === "signal.received" ? [event.signal.status] : []),
    ["blocked", "blocked"],
  );
  const called = Deno.readTextFileSync(join(project.sessionFolder(), "called"));
  assert.match(called, /developer_instructions/);
  assert.doesNotMatch(called, /Add a greeting/);
});

const SESSION = { prompt: ["\\*\\*Session path:\\*\\* (?<S>\\S+)"] };

/** Leaves a signal that ends the run. */
const BLOCK = [
  {
    tools: [{
      write: {
        path: "{{S}}/_signal.json",
        content: '{"status":"blocked","reason":"Enough of it","needs":"human_decision"}',
      },
    }],
  },
  { text: "Done." },
];

const LONG_COMMAND = {
  strict: true,
  extract: SESSION,
  rules: [
    {
      name: "a long command, the first time",
      when: { prompt: "^\\*\\*Phase:\\*\\* investigation$" },
      conversations: 1,
      // Both shells stay: one that becomes another program has no environment for a moment, and would not be counted.
      steps: [{
        tools: [{ bash: "nohup setsid sh -c 'touch {{S}}/at-work; sleep 300; :' >/dev/null 2>&1 & sleep 300; :" }],
      }],
    },
    {
      name: "the second time it is blocked, to come to an end",
      when: { prompt: ["^\\*\\*Phase:\\*\\* investigation$", "## What happened before"] },
      steps: BLOCK,
    },
  ],
};

for (const sandbox of ["workspace-write", "danger-full-access"]) {
  clientTest(`Ctrl-C ends the real codex with all that it started (${sandbox})`, "codex", async (found) => {
    await using model = await startFakeModel(found.fakeModel, LONG_COMMAND);
    using project = new CodexProject(found, model, { CODEX_SANDBOX_MODE: sandbox });
    const worker = project.start(RUN);
    const output = worker.output();
    await project.untilFile("at-work");
    // The wrapper, the program below it, the shell and the sleeping one behind it at least.
    assert.ok(markedProcesses(project.events()).length >= 4);
    worker.kill("SIGINT");
    const { code, stdout } = await output;
    assert.equal(code, 130, new TextDecoder().decode(stdout));
    const events = project.events();
    assert.deepEqual(markedProcesses(events), []);
    const ended = events.find((event) => event.type === "iteration.ended");
    assert.deepEqual(ended?.end, { kind: "aborted", by: "you (Ctrl-C)" });
    assert.deepEqual(events.at(-1)?.type, "session.stopped");

    const again = await project.run(["run", "greet"]);
    assert.equal(again.code, 20, told(again));
    assert.deepEqual(project.attempts(), ["1.1", "1.2"]);
  });
}

clientTest(
  "after kill -9 of codex's wrapper the program below it is ended, too, and the iteration repeated",
  "codex",
  async (found) => {
    await using model = await startFakeModel(found.fakeModel, LONG_COMMAND);
    using project = new CodexProject(found, model, { SAMOCODE_RETRY_DELAY: "0" });
    const worker = project.start(RUN);
    const output = worker.output();
    await project.untilFile("at-work");
    const marked = markedProcesses(project.events());
    const wrapper = marked.find((pid) => parentOf(pid) === worker.pid) ?? assert.fail("no wrapper");
    Deno.kill(wrapper, "SIGKILL");
    const { code, stdout } = await output;
    assert.equal(code, 20, new TextDecoder().decode(stdout));
    const events = project.events();
    assert.deepEqual(markedProcesses(events), []);
    assert.ok(events.some((event) => event.type === "processes.ended" && event.pids.length > 0));
    const detail = "ended by SIGKILL without a result";
    assert.deepEqual(
      events.find((event) => event.type === "iteration.ended")?.end,
      { kind: "crashed", cause: "interrupted", detail },
    );
    assert.deepEqual(project.attempts(), ["1.1", "1.2"]);
  },
);

clientTest(
  "codex's limit is waited for until the time that it names, and a stop is heard meanwhile",
  "codex",
  async (found) => {
    const resets_at = Math.floor(Date.now() / 1000) + 3_000;
    const error = { kind: "usage-limit", extra: { plan_type: "plus", resets_at } };
    await using model = await startFakeModel(found.fakeModel, { rules: [{ reply: { error } }] });
    using project = new CodexProject(found, model);
    const worker = project.start(RUN);
    const output = worker.output();
    await project.until((events) => events.some(({ type }) => type === "iteration.retried"));
    const stopped = await project.run(["stop", "greet"]);
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.equal((await output).code, 130);
    const end = project.events().find((event) => event.type === "iteration.ended")?.end;
    if (end?.kind !== "rate-limited") assert.fail(JSON.stringify(end));
    // The minute that follows the one it names.
    assert.equal(end.until, new Date((Math.floor(resets_at / 60) + 1) * 60_000).toISOString());
    assert.deepEqual(project.attempts(), ["1.1"], "no token is spent after a stop");
  },
);

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

function told({ stdout, stderr }: Finished): string {
  return stdout + stderr;
}
