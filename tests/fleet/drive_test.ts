import assert from "node:assert/strict";
import { join } from "node:path";
import { slowPostgresTest } from "../helpers/postgres.ts";
import { WorkerStage } from "../helpers/worker_stage.ts";

slowPostgresTest(
  "a worker brings a session through its gates by people's acts, and its work to the remote",
  async (postgres) => {
    await using stage = await WorkerStage.open(postgres);
    const setup = join(stage.root, "set-up");
    const worker = stage.work("one", [], { SAMOCODE_FLEET_SETUP: `sh -c 'echo $SAMOCODE_FLEET_SESSION >> ${setup}'` });
    const id = await stage.submit("add-top", { settings: { SAMOCODE_GUARD: "require", SAMOCODE_MAX_STARTS: "77" } });
    await stage.untilState(id, "waiting");
    const answer = { verb: "answer", answers: {}, acceptSuggestions: true } as const;
    const old = await stage.act(id, { ...answer, sha256: "0".repeat(64) });
    assert.deepEqual(old, {
      ok: false,
      text: "Cannot answer: the questions changed since they were shown",
      hint: "Read them again",
    });
    const { state } = await stage.untilState(id, "waiting");
    assert.equal(state, "waiting", "for the same, after a worker came to apply an act that was refused");
    assert.deepEqual(await stage.act(id, { ...answer, sha256: await stage.shown(id) }), {
      ok: true,
      text: "Answered Q1, Q2. add-top continues.",
      hint: "",
    });
    await stage.untilEvent(id, (event) => event.type === "gate.reached" && event.gate === "plan_approval");
    await stage.untilState(id, "waiting");
    const stale = await stage.act(id, { verb: "approve", sha256: "0".repeat(64), label: undefined });
    assert.equal(stale.ok, false);
    assert.match(stale.text, /^Cannot approve: .+ changed since it was shown$/);
    await stage.untilState(id, "waiting");
    await stage.act(id, { verb: "guide", text: "Mind the tabs" });
    await stage.untilState(id, "waiting");
    assert.equal((await stage.act(id, { verb: "approve", sha256: await stage.shown(id), label: undefined })).ok, true);
    assert.match((await stage.untilState(id, "done", "failed", "blocked")).detail, /^Added --top N to tally/);
    const events = await stage.events(id);
    assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
    const [first, ...more] = events.flatMap((event) => event.type === "session.started" ? [event] : []);
    assert.equal(first?.limits?.session.starts, 77, "as the submitter set it");
    assert.equal(first?.guard?.kind, "none", "as the machine's owner set it");
    assert.equal(more.length, 2, "no run for an act that was refused or that is only a note");
    assert.ok(events.some((event) => event.type === "guidance.given" && event.by === "me (samocode)"));
    const work = stage.git("-C", "origin.git", "ls-tree", "--name-only", "refs/samocode/checkpoints/add-top/fleet");
    assert.match(work, /^samocode-demo$/m);
    assert.equal(Deno.readTextFileSync(setup), "add-top\n", "once: the worktree stayed what the remote has");
    assert.equal(await worker.drain(), 0);
  },
);

slowPostgresTest("stop reaches a session that runs on a worker, and one that waits for none", async (postgres) => {
  await using stage = await WorkerStage.open(postgres);
  const idle = await stage.submit("later");
  const stopped = stage.act(idle, { verb: "stop", now: false });
  const worker = stage.work("one", [], { SAMOCODE_DEMO_PACE: "40" });
  assert.deepEqual(await stage.untilState(idle, "stopped"), {
    state: "stopped",
    detail: "Stopped before it continued",
    epoch: 1,
    holder: null,
  });
  assert.equal((await stopped).ok, true);
  const id = await stage.submit("add-top");
  await stage.untilEvent(id, ({ type }) => type === "agent.acted");
  assert.deepEqual(await stage.act(id, { verb: "stop", now: true }), {
    ok: true,
    text: "add-top has stopped.",
    hint: "",
  });
  await stage.untilState(id, "stopped");
  const events = await stage.events(id);
  assert.equal(events.at(-1)?.type, "session.stopped");
  assert.equal(events.some(({ type }) => type === "stop.requested"), true);
  assert.equal((await stage.act(id, { verb: "resume", guidance: undefined })).ok, true);
  await stage.untilState(id, "running");
  await stage.untilEvent(id, ({ type, seq }) => type === "agent.acted" && seq > events.length);
  await worker.kill();
});

slowPostgresTest(
  "a session that meets a usage limit frees its worker until the limit is over, and can be stopped meanwhile",
  async (postgres) => {
    await using stage = await WorkerStage.open(postgres);
    const reset = Math.ceil(Date.now() / 1000) + 3_600;
    const claude = join(stage.root, "claude");
    Deno.writeTextFileSync(
      claude,
      `#!/bin/sh
echo '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":${reset}}}'
echo '{"type":"result","is_error":true,"api_error":"usage_limit_reached","result":"full"}'; exit 1
`,
      { mode: 0o755 },
    );
    const worker = stage.work("one", [], { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: claude });
    const id = await stage.submit("add-top");
    await stage.untilDetail(id, /^It waits for a usage limit to end: /);
    assert.equal((await stage.row(id)).holder, null);
    const { rows: [row] } = await stage.engine.query("select not_before from samocode.session where id = $1", [id]);
    const notBefore = row?.["not_before"];
    // The wait ends a little after the limit, so that not all sessions return at once.
    assert.ok(notBefore instanceof Date && Math.abs(notBefore.getTime() / 1000 - reset) < 900, String(notBefore));
    assert.equal((await stage.act(id, { verb: "stop", now: false })).ok, true);
    assert.equal((await stage.untilState(id, "stopped")).detail, "Stopped before it continued");
    assert.equal((await stage.events(id)).filter(({ type }) => type === "iteration.started").length, 1);
    assert.equal(await worker.drain(), 0);
  },
);
