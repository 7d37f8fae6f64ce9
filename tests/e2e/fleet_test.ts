import assert from "node:assert/strict";
import { join } from "node:path";
import { gather } from "../../tools/fleet_storm/gather.ts";
import { judgeFleet } from "../../tools/fleet_storm/judge.ts";
import { FleetStage, fleetTestDefinition } from "../helpers/fleet_stage.ts";
import { send } from "../helpers/fleet_machine.ts";
import { slow } from "../helpers/slow.ts";

Deno.test(slow(fleetTestDefinition("a session goes through two machines, decided and read on a third", async () => {
  await using stage = await FleetStage.open({ machines: ["ant", "bee"], env: { SAMOCODE_DEMO_PACE: "0" } });
  const { person } = stage;
  const folder = stage.personsProject({ CHECK: "sh test.sh" });
  await person.must(["submit", "--session", "tally-top", "--task", "Add a --top N option", "--provider", "demo"], {
    cwd: folder,
  });

  const ant = stage.work("ant");
  const asked = await stage.until("tally-top", ({ state }) => state !== "queued" && state !== "running");
  assert.deepEqual([asked.state, asked.gate?.name], ["waiting", "qa_answers"], asked.detail);
  // Drain the worker, and wait for its end.
  send(ant.pid, "SIGTERM");
  assert.equal((await ant.ended).code, 0, ant.output());

  await person.must(["answer", "tally-top", "--accept-suggestions", "--fleet"]);
  stage.work("bee");
  const planned = await stage.until(
    "tally-top",
    ({ state, gate }) => state === "waiting" && gate?.name === "plan_approval",
  );
  const stale = await person.run(["approve", "tally-top", "--sha256", "0".repeat(64), "--fleet"]);
  assert.notEqual(stale.code, 0);
  await stage.decide(planned);
  await stage.until("tally-top", ({ state }) => state !== "queued" && state !== "running" && state !== "waiting");

  const status = JSON.parse(await person.must(["status", "tally-top", "--json", "--fleet"]));
  assert.equal(status.state, "done");
  assert.match(await person.must(["logs", "tally-top", "--fleet"]), /bee/);
  assert.match(await person.must(["list", "--fleet"]), /tally-top/);
  const report = join(person.root, "report.html");
  await person.must(["report", "tally-top", "--fleet", "--output", report]);
  const html = Deno.readTextFileSync(report);
  assert.match(html, /Reject a --top that is not a number/);
  assert.match(html, /tally\.sh/, "what changed, although the repository is not here");
  assert.doesNotMatch(html, /The changes are on the machine|Cannot show what/);
  assert.deepEqual(judgeFleet(await gather(stage, { copies: [], overlaps: [] })), []);
})));
