import assert from "node:assert/strict";
import { postgresTest, postgresTestDefinition } from "../helpers/postgres.ts";
import { slow } from "../helpers/slow.ts";
import { WorkerStage } from "../helpers/worker_stage.ts";

Deno.test(
  slow(postgresTestDefinition("another worker goes on where one was killed, with its work", async (postgres) => {
    await using stage = await WorkerStage.open(postgres);
    const id = await stage.submit("add-top");
    const one = stage.work("one", [], { SAMOCODE_DEMO_PACE: "60" });
    await stage.untilEvent(id, ({ type }) => type === "agent.acted");
    const two = stage.work("two");
    await one.kill();
    const at = performance.now();
    const moved = await stage.untilEvent(id, ({ type }) => type === "session.moved");
    const passed = performance.now() - at;
    assert.ok(passed < 20_000);
    assert.equal(moved.type === "session.moved" && moved.worker, "two");
    await stage.untilState(id, "waiting");
    const events = await stage.events(id);
    assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
    assert.equal(await two.drain(), 0);
  })),
);

postgresTest("a worker that drains hands its sessions over after their iterations", async (postgres) => {
  await using stage = await WorkerStage.open(postgres);
  const id = await stage.submit("add-top");
  const one = stage.work("one", [], { SAMOCODE_DEMO_PACE: "10" });
  await stage.untilEvent(id, ({ type }) => type === "agent.acted");
  assert.equal(await one.drain(), 0);
  const row = await stage.row(id);
  assert.deepEqual(row, { state: "queued", detail: "It goes on with the next worker", epoch: 1, holder: null });
  const handed = await stage.events(id);
  const end = handed.at(-1);
  assert.deepEqual(end?.type === "session.stopped" && end.outcome, { kind: "stopped", by: "the fleet: one drains" });
  assert.equal(handed.filter(({ type }) => type === "iteration.started").length, 1);
  assert.equal(handed.filter(({ type }) => type === "iteration.ended").length, 1);
  const two = stage.work("two", ["--until-idle"]);
  assert.equal(await two.ended(), 0);
  assert.equal((await stage.row(id)).state, "waiting");
});
