import assert from "node:assert/strict";
import { NO_GUARD } from "../helpers/guarded_project.ts";
import { CodexProject } from "../helpers/codex_project.ts";
import { claudeEnvironment, type FakeModel, startFakeModel } from "../helpers/fake_model.ts";
import { slowClientTest } from "../helpers/find_clients.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";

/**
 * An agent that works on for ever and always brings something new. A call takes 0.4 s, still much faster than with any
 * model: on a busy machine, ending an agent takes its time.
 */
function endless({ delayMs = 400 }: { readonly delayMs?: number } = {}): object {
  const play = () => ({
    text: "More.",
    tools: [{ bash: "date +%N > code" }],
    usage: { input: 100_000, output: 20_000, cache_read: 0, cache_write: 0 },
    delay_ms: delayMs,
  });
  return { rules: [{ name: "work", when: { any: "Session path" }, play }] };
}

/** What one of its calls costs by list price. */
const CALL_USD = { claude: 0.8, codex: 1.1 };
const CALL_TOKENS = 120_000;

const RUN = ["run", "--session", "work", "--task", "Work"];
const NAMES = ["claude", "codex"] as const;

for (const name of NAMES) {
  slowClientTest(
    `an agent that never ends spends its budget and one call more at most: ${name}`,
    name,
    async (client) => {
      await using model = await startFakeModel(client.fakeModel, endless());
      using project = projectOf(name, client.path, model);
      const { code, stdout, stderr } = await project.run(RUN, { SAMOCODE_MAX_COST: "4" });
      assert.equal(code, 10, stdout + stderr);
      assertWithin(callsOf(model) * CALL_USD[name], 4, CALL_USD[name]);
      assert.match(stdout, /Most of the budget is used up: \$3\.\d\d of \$4\.00 for this session/);
      const { needs, detail, next } = JSON.parse((await project.run(["status", "work", "--json"])).stdout);
      assert.equal(needs, "budget");
      assert.match(detail, /^The budget is used up: \$4\.\d\d of \$4\.00 for this session$/);
      assert.deepEqual(next[0], { verb: "raise_budget", session: "work" });

      assert.equal((await project.run(["run", "work"], { SAMOCODE_MAX_COST: "4" })).code, 10, "asked again, no call");
      const before = callsOf(model);
      const raised = await project.run(["raise", "work", "--cost", "7"], { SAMOCODE_MAX_COST: "4" });
      assert.match(raised.stdout, /^Raised to \$7\.00 for this session\./, raised.stderr);
      assert.equal((await project.run(["run", "work"], { SAMOCODE_MAX_COST: "4" })).code, 10);
      assert.ok(callsOf(model) > before);
      assertWithin(callsOf(model) * CALL_USD[name], 7, CALL_USD[name]);

      const more = { SAMOCODE_MAX_COST: "off", SAMOCODE_MAX_TOKENS: String((callsOf(model) + 3) * CALL_TOKENS) };
      const end = await project.run(["run", "work"], more);
      assert.match(end.stdout, /The budget is used up: \d\.\dM of \d\.\dM tokens for this session/);
      assertWithin(callsOf(model) * CALL_TOKENS, Number(more.SAMOCODE_MAX_TOKENS), CALL_TOKENS);
    },
  );

  slowClientTest(`so it is when its worker is killed again and again: ${name}`, name, async (client) => {
    await using model = await startFakeModel(client.fakeModel, endless());
    using project = projectOf(name, client.path, model);
    const limit = 12 * CALL_USD[name];
    const env = { SAMOCODE_MAX_COST: String(limit), SAMOCODE_GUARD: NO_GUARD === undefined ? "require" : "off" };
    for (let kill = 0; kill < 3; kill++) {
      const before = callsOf(model);
      const worker = project.start(RUN, env);
      const gone = finished(worker);
      while (callsOf(model) < before + 2) await new Promise((wake) => setTimeout(wake, 20));
      worker.kill("SIGKILL");
      await gone;
    }
    const { code, stdout } = await project.run(RUN, env);
    assert.equal(code, 10, stdout);
    assertWithin(callsOf(model) * CALL_USD[name], limit, CALL_USD[name]);
  });
}

slowClientTest(
  "two sessions at once spend a day's budget and one call of each more at most",
  "claude",
  async (client) => {
    await using model = await startFakeModel(client.fakeModel, endless({ delayMs: 1_000 }));
    using project = projectOf("claude", client.path, model);
    const env = { SAMOCODE_MAX_COST_PER_DAY: "6" };
    const ends = await Promise.all(
      ["one", "two"].map((name) => project.run(["run", "--session", name, "--task", "Work"], env)),
    );
    for (const { code, stdout } of ends) {
      assert.equal(code, 10, stdout);
      assert.match(stdout, /The budget is used up: \$\d\.\d\d of \$6\.00 for all sessions today/);
    }
    assertWithin(callsOf(model) * CALL_USD.claude, 6, 2 * CALL_USD.claude);
    const calls = callsOf(model);
    const third = await project.run(["run", "--session", "three", "--task", "Work"], env);
    assert.deepEqual([third.code, callsOf(model)], [10, calls], third.stdout);
    assert.equal((await project.run(["raise", "three", "--day", "--cost", "8"], env)).code, 0);
    assert.equal((await project.run(["run", "three"], env)).code, 10);
    assertWithin(callsOf(model) * CALL_USD.claude, 8, 2 * CALL_USD.claude);
    assert.ok(callsOf(model) > calls);
  },
);

/** No more is spent beyond the limit than one call, and not much less than the limit: each kill counts a call. */
function assertWithin(spent: number, limit: number, more: number): void {
  if (Deno.env.get("SHOW")) console.log(`${spent.toFixed(2)} of ${limit}, one call: ${more}`);
  assert.ok(spent >= limit * 0.5 && spent <= limit + more + 1e-9, `${spent} of ${limit} and ${more}`);
}

function projectOf(name: (typeof NAMES)[number], path: string, model: FakeModel): TempProject {
  return name === "claude" ? new TempProject(claudeEnvironment(path, model)) : new CodexProject({ path }, model);
}

function callsOf({ requests }: FakeModel): number {
  return requests.filter(({ rule }) => typeof rule === "string").length;
}
