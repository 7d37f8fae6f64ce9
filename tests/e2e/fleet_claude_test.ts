import assert from "node:assert/strict";
import { join } from "node:path";
import { gather } from "../../tools/fleet_storm/gather.ts";
import { judgeFleet } from "../../tools/fleet_storm/judge.ts";
import { readEventLine } from "../../src/workflow/event_line.ts";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { clientTestDefinition, type FoundClient } from "../helpers/find_clients.ts";
import { FleetStage, fleetTestDefinition } from "../helpers/fleet_stage.ts";
import { send } from "../helpers/fleet_machine.ts";
import { slow } from "../helpers/slow.ts";

const NAME = "the real claude asks on one machine, is answered from a third, and implements on another";

const test = clientTestDefinition(NAME, "claude", { run: play });
Deno.test(slow(test.ignore ? test : { ...test, ...fleetTestDefinition(NAME, () => Promise.resolve()), fn: test.fn }));

async function play(found: FoundClient): Promise<void> {
  await using model = await startFakeModel(found.fakeModel, "claude_session");
  await using stage = await FleetStage.open({ machines: ["ant", "bee"], env: claudeEnvironment(found.path, model) });
  const { person } = stage;
  const ant = stage.work("ant");
  const where = ["--project", "tally", "--repo", stage.repository];
  await person.must([
    ...["submit", "--session", "greet", "--task", "Add a greeting", "--dive", "what is here", ...where],
    ...["--provider", "claude"],
  ]);
  const asked = await stage.until("greet", ({ state }) => state !== "queued" && state !== "running");
  assert.deepEqual([asked.state, asked.gate?.name], ["waiting", "qa_answers"], `${asked.detail}\n${stage.told()}`);
  await person.must(["answer", "greet", "Q1=B", "--fleet"]);
  const planned = await stage.until(
    "greet",
    ({ state, gate }) => state === "waiting" && gate?.name === "plan_approval",
  );
  send(ant.pid, "SIGTERM");
  assert.equal((await ant.ended).code, 0, ant.output());

  stage.work("bee");
  await stage.decide(planned);
  const done = await stage.until("greet", ({ state }) => ["done", "failed", "blocked", "stopped"].includes(state));
  assert.equal(done.state, "done", `${done.detail}\n${stage.told()}`);

  const record = await gather(stage, { copies: [], overlaps: [] });
  assert.deepEqual(judgeFleet(record), []);
  const [{ journal, subjects } = assert.fail()] = record.sessions;
  const events = journal.flatMap(({ line }) => readEventLine(line) ?? []);
  const implementing = journal.find(({ line }) => {
    const event = readEventLine(line);
    return event?.type === "iteration.started" && event.phase === "implementation";
  });
  const moves = events.flatMap((event) => event.type === "session.moved" ? [[event.epoch, event.worker]] : []);
  assert.deepEqual(moves.find(([epoch]) => epoch === implementing?.epoch), [implementing?.epoch, "bee"]);
  assert.deepEqual(subjects, ["Test the greeting", "Add the greeting"]);
  assert.deepEqual(
    model.requests.filter(({ path, rule }) => path === "/v1/messages" && !rule),
    [],
    "every request was scripted",
  );

  const status = JSON.parse(await person.must(["status", "greet", "--json", "--fleet"]));
  assert.deepEqual([status.state, status.detail], ["done", "Added a greeting and its test"]);
  const report = join(person.root, "report.html");
  await person.must(["report", "greet", "--fleet", "--output", report]);
  assert.match(Deno.readTextFileSync(report), /Which greeting\?/);
}
