import assert from "node:assert/strict";
import { join } from "node:path";
import { Collector } from "../helpers/collector.ts";
import { checkWhole, type SeenSpan } from "../helpers/otlp.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const DEMO = ["run", "--session", "tally", "--task", "Count", "--dive", "How"];
const RUN = ["run", "--session", "work", "--task", "Work in silence"];
const KEY = "0f9d3k2l5m8n7b6v";

slowTest("a session of several runs is one trace, whole after each of them, also by a detached worker", async () => {
  await using collector = new Collector();
  using project = new TempProject({
    SAMOCODE_PROVIDER: "demo",
    SAMOCODE_DEMO_PACE: "0",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${KEY}`,
    OTEL_RESOURCE_ATTRIBUTES: "team=web",
  });
  assert.equal((await project.run(DEMO)).code, 10);
  checkWhole(collector.spans);
  assert.equal((await project.run(["answer", "tally", "--accept-suggestions"])).code, 0);
  assert.equal((await project.run(DEMO)).code, 10);
  checkWhole(collector.spans);
  assert.equal((await project.approve("tally")).code, 0);
  // A detached worker has the same settings, and sends the rest after its last event.
  assert.equal((await project.run(["start", "tally"])).code, 0);
  while (named(collector.spans, "invoke_workflow samocode").length < 3) await pause(50);
  const root = checkWhole(collector.spans);
  const events = project.events();
  const count = (name: string): number => collector.spans.filter((span) => span.name === name).length;
  const told = (type: string): number => events.filter((event) => event.type === type).length;
  assert.equal(root.name, "session");
  assert.equal(count("invoke_workflow samocode"), told("session.started"));
  assert.equal(count("invoke_agent Demo"), told("iteration.ended"));
  assert.equal(count("check"), told("check.ended"));
  const waits = collector.spans.filter(({ name }) => name === "wait").map(({ attributes }) =>
    attributes["samocode.wait.for"]
  );
  assert.deepEqual(waits, ["qa_answers", "plan_approval"]);
  const phases = new Set(collector.spans.flatMap(({ attributes }) => attributes["samocode.phase"] ?? []));
  const worked = events.flatMap((event) => event.type === "iteration.ended" ? [event.phase] : []);
  assert.deepEqual(phases, new Set(worked));
  const { "service.instance.id": instance, ...resource } = root.resource;
  assert.match(String(instance), /^[0-9a-f-]{36}$/);
  assert.deepEqual(
    [resource["service.name"], resource["samocode.project"], resource["team"]],
    ["samocode", "repo", "web"],
  );
  for (const { headers } of collector.requests) assert.equal(headers.get("authorization"), `Bearer ${KEY}`);
  const runs = collector.points.filter(({ metric }) => metric === "gen_ai.workflow.duration");
  assert.equal(runs.reduce((sum, { count = 0 }) => sum + count, 0), told("session.started"));
});

Deno.test("the next run ends the spans of one that was killed, and counts tokens and cost once", async () => {
  await using collector = new Collector();
  using project = new TempProject({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, SAMOCODE_PROVIDER: "claude" });
  const env = scripted(
    project,
    `
called=$(dirname "$SAMOCODE_SIGNAL")/called
if [ -e "$called" ]; then
  echo '{"status":"blocked","reason":"Done","needs":"human_decision"}' > "$SAMOCODE_SIGNAL"
  echo '{"type":"result","subtype":"success","is_error":false,"result":"","total_cost_usd":0.25,"modelUsage":{"claude-opus-5":{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":1000}}}'
else
  touch "$called"
  sleep 60
fi`,
  );
  const worker = project.start(RUN, env);
  const gone = finished(worker);
  await project.untilFile("called");
  while (collector.spans.length === 0) await pause(50);
  worker.kill("SIGKILL");
  await gone;
  const { code, stderr } = await project.run(RUN, env);
  assert.equal(code, 20, stderr);
  checkWhole(collector.spans);
  const runs = named(collector.spans, "invoke_workflow samocode");
  const attempts = named(collector.spans, "invoke_agent Claude Code");
  assert.deepEqual(runs.map(({ attributes }) => attributes["error.type"] ?? attributes["samocode.outcome"]), [
    "worker_died",
    "blocked",
  ]);
  assert.deepEqual(attempts.map(({ attributes }) => attributes["error.type"] ?? attributes["samocode.end"]), [
    "interrupted",
    "finished",
  ]);
  assert.deepEqual(attempts.map(({ parentSpanId }) => parentSpanId), runs.map(({ spanId }) => spanId));
  const sum = (metric: string, type?: string): number =>
    collector.points.filter((point) => point.metric === metric && point.attributes["gen_ai.token.type"] === type)
      .reduce((total, point) => total + point.sum, 0);
  assert.deepEqual(
    [sum("gen_ai.client.token.usage", "input"), sum("gen_ai.client.token.usage", "output"), sum("samocode.cost.usage")],
    [1010, 5, 0.25],
  );
});

Deno.test("nothing of the task leaves, and no agent sees the headers", async () => {
  await using collector = new Collector();
  using project = new TempProject({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${KEY}`,
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: `x-key=${KEY}`,
    SAMOCODE_PROVIDER: "claude",
  });
  const env = scripted(
    project,
    `
env > "$here/seen"
echo '{"type":"assistant","message":{"id":"m1","model":"claude-opus-5","content":[{"type":"text","text":"Spoken words"},{"type":"tool_use","id":"t","name":"Bash","input":{"command":"cat private.txt"}}]}}'
echo '{"status":"blocked","reason":"A reason of its own","needs":"human_decision"}' > "$SAMOCODE_SIGNAL"
echo '{"type":"result","subtype":"success","is_error":false,"result":"A result"}'`,
  );
  const { code, stdout } = await project.run(RUN, env);
  assert.equal(code, 20, stdout);
  const seen = Deno.readTextFileSync(join(project.root, "seen"));
  assert.match(seen, /^SAMOCODE_SIGNAL=/m);
  assert.equal(seen.includes(KEY) || seen.includes("_HEADERS"), false);
  const sent = collector.requests.map(({ body }) => new TextDecoder().decode(body)).join("\n");
  assert.match(sent, /invoke_agent Claude Code/);
  for (const text of ["silence", "Spoken", "private.txt", "A reason", "A result", project.root, KEY]) {
    assert.equal(sent.includes(text), false, text);
  }
});

slowTest("a collector that hangs costs a run three seconds at its end, and the log says what was lost", async () => {
  const collector = new Collector(() => new Promise<never>(() => {}));
  using project = new TempProject({
    SAMOCODE_PROVIDER: "demo",
    SAMOCODE_DEMO_PACE: "0",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  const { code } = await project.run(DEMO);
  const leftAt = Date.now();
  assert.equal(code, 10);
  const stopped = project.events().findLast(({ type }) => type === "session.stopped");
  const tookMs = leftAt - Date.parse(stopped?.at ?? "");
  // A request alone may take ten.
  assert.ok(tookMs > 2_500 && tookMs < 9_000, `${tookMs} ms`);
  const log = Deno.readTextFileSync(join(project.sessionFolder(), "session.log"));
  assert.match(
    log,
    /telemetry.*Cannot send all telemetry: (\d) of \1 requests failed, the last one at http:\/\/127\.0\.0\.1:\d+: no response in time/,
  );
  await collector.abandon();
});

function named(spans: readonly SeenSpan[], name: string): readonly SeenSpan[] {
  return spans.filter((span) => span.name === name).toSorted((a, b) => a.startMs - b.startMs);
}

/** Has a script play Claude Code; `$here` is the project's folder. */
function scripted(project: TempProject, script: string): Readonly<Record<string, string>> {
  const agent = join(project.root, "agent.sh");
  Deno.writeTextFileSync(agent, `#!/bin/sh\nhere=$(dirname "$0")\n${script}\n`, { mode: 0o755 });
  return { CLAUDE_PATH: agent };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
