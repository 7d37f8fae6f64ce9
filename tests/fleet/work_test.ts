import assert from "node:assert/strict";
import { initFleet } from "../../src/fleet/init_fleet.ts";
import { wakeDecided } from "../../src/fleet/workers.ts";
import { slowPostgresTest } from "../helpers/postgres.ts";
import { WorkerStage } from "../helpers/worker_stage.ts";

slowPostgresTest("another worker goes on where one was killed, with its work", async (postgres) => {
  await using stage = await WorkerStage.open(postgres);
  const id = await stage.submit("add-top");
  const one = stage.work("one", [], { SAMOCODE_DEMO_PACE: "60" });
  await stage.untilEvent(id, ({ type }) => type === "agent.acted");
  const two = stage.work("two");
  await one.kill();
  const moved = await stage.untilEvent(id, ({ type }) => type === "session.moved");
  assert.equal(moved.type === "session.moved" && moved.worker, "two");
  await stage.untilState(id, "waiting");
  const events = await stage.events(id);
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
  assert.equal(await two.drain(), 0);
});

slowPostgresTest("a worker that drains hands its sessions over after their iterations", async (postgres) => {
  await using stage = await WorkerStage.open(postgres);
  const id = await stage.submit("add-top");
  const one = stage.work("one", [], { SAMOCODE_DEMO_PACE: "10" });
  await stage.untilEvent(id, ({ type }) => type === "agent.acted");
  assert.equal(await one.drain(), 0);
  const row = await stage.row(id);
  assert.deepEqual(row, { state: "queued", detail: "It continues on the next worker", epoch: 1, holder: null });
  const handed = await stage.events(id);
  const end = handed.at(-1);
  assert.deepEqual(end?.type === "session.stopped" && end.outcome, {
    kind: "stopped",
    by: "the fleet: one is draining",
  });
  assert.equal(handed.filter(({ type }) => type === "iteration.started").length, 1);
  assert.equal(handed.filter(({ type }) => type === "iteration.ended").length, 1);
  const two = stage.work("two", ["--until-idle"]);
  assert.equal(await two.ended(), 0);
  assert.equal((await stage.row(id)).state, "waiting");
});

slowPostgresTest("fleet drain ends a worker, and a second worker in the same folder is refused", async (postgres) => {
  await using stage = await WorkerStage.open(postgres);
  const one = stage.work("one");
  await stage.untilSaid(one, "one takes sessions");
  const other = stage.work("one", ["--name", "other"]);
  assert.notEqual(await other.ended(), 0);
  assert.match(other.said(), /Cannot work in .+: it is locked by process \d+ since/);
  assert.match((await stage.type("one", ["fleet", "drain", "ome"])).said, /no such worker\n.*one/);
  assert.deepEqual(await stage.type("one", ["fleet", "drain", "one"]), {
    code: 0,
    said: "one will hand over its sessions after their iterations, then exit.\n",
  });
  assert.equal(await one.ended(), 0);
  const { rows } = await stage.engine.query("select name from samocode.worker");
  assert.deepEqual(rows, [], "it took itself off the table");
});

slowPostgresTest(
  "a session whose project cannot be cloned or whose row is no request fails in words",
  async (postgres) => {
    await using stage = await WorkerStage.open(postgres);
    const bad = await stage.submit("bad");
    await stage.engine.query(`update samocode.session set request = '{"task": 7}' where id = $1`, [bad]);
    const worker = stage.work("one");
    assert.match(
      (await stage.untilState(bad, "failed")).detail,
      /^Cannot run bad: its row in the fleet cannot be read/,
    );
    await stage.engine.query("update samocode.project set repository = 'ext::sh -c true'");
    const hostile = await stage.submit("hostile");
    assert.match((await stage.untilState(hostile, "failed")).detail, /ext::/);
    await stage.engine.query("update samocode.project set repository = $1", [`${stage.origin}-gone`]);
    const gone = await stage.submit("gone");
    await stage.untilState(gone, "queued", "running");
    const again = await stage.untilDetail(gone, /Cannot clone/);
    assert.equal(again.state, "queued", "it may be back later");
    await worker.kill();
  },
);

slowPostgresTest(
  "wakeDecided() wants what rests although somebody decided, and nothing for a note or while it runs",
  async (postgres) => {
    await using stage = await WorkerStage.open(postgres);
    const acts = {
      answered: { verb: "resume" },
      noted: { verb: "guide", text: "x" },
      held: { verb: "resume" },
      late: { verb: "stop", now: false },
      stopped: { verb: "stop", now: false },
      fresh: { verb: "resume" },
    };
    for (const [name, act] of Object.entries(acts)) {
      await stage.engine.query(
        `insert into samocode.act (session, act, by, at) values ($1, $2, 'me', now() - $3::interval)`,
        [await stage.submit(name), JSON.stringify(act), name === "fresh" ? "0 s" : "1 minute"],
      );
    }
    await stage.engine.query(
      `update samocode.session set wanted = false, state = 'waiting', holder = case name when 'held' then 'one' end,
     not_before = case name when 'late' then now() + interval '1 hour' end`,
    );
    await wakeDecided(stage.engine);
    const { rows } = await stage.engine.query("select name from samocode.session where wanted order by name");
    assert.deepEqual(rows.map(({ name }) => name), ["answered", "late"]);
  },
);

slowPostgresTest("a worker lives through a restore, is listed again, and still drains", async (postgres) => {
  await using stage = await WorkerStage.open(postgres);
  const worker = stage.work("one", [], { SAMOCODE_DEMO_PACE: "200" });
  const id = await stage.submit("add-top");
  await stage.untilEvent(id, ({ type }) => type === "agent.acted");
  const env = stage.env("one");
  const name = new URL(env["SAMOCODE_FLEET"] ?? "").pathname.slice(1);
  await postgres.sql(`drop database ${name} with (force)`, { database: "postgres" });
  await stage.untilSaid(worker, "add-top: lost");
  await postgres.sql(`create database ${name}`, { database: "postgres" });
  await initFleet(env);
  await stage.untilSaid(worker, "The database is back");
  let names = "";
  for (; names === ""; await new Promise((resolve) => setTimeout(resolve, 100))) {
    names = await postgres.sql("select name from samocode.worker", { database: name });
  }
  assert.equal(names, "one");
  assert.equal(await worker.drain(), 0);
});
