import assert from "node:assert/strict";
import { postgresTest } from "../helpers/postgres.ts";
import { WorkerStage } from "../helpers/worker_stage.ts";

postgresTest(
  "a worker brings a session through its gates by people's acts, and its work to the remote",
  async (postgres) => {
    await using stage = await WorkerStage.open(postgres);
    const worker = stage.work("one");
    const id = await stage.submit("add-top");
    await stage.untilState(id, "waiting", "failed");
    console.log(worker.said(), await stage.row(id));
    const answered = await stage.act(id, {
      verb: "answer",
      answers: {},
      acceptSuggestions: true,
      sha256: await stage.shown(id),
    });
    console.log(answered);
    await stage.untilEvent(id, (event) => event.type === "gate.reached" && event.gate === "plan_approval");
    await stage.untilState(id, "waiting");
    const stale = await stage.act(id, { verb: "approve", sha256: "0".repeat(64), label: undefined });
    console.log(stale, await stage.untilState(id, "waiting"));
    const approved = await stage.act(id, { verb: "approve", sha256: await stage.shown(id), label: undefined });
    console.log(approved, await stage.untilState(id, "done", "failed"));
    console.log(worker.said());
    console.log(stage.git("-C", "origin.git", "log", "--oneline", "refs/samocode/checkpoints/add-top/fleet"));
    console.log((await stage.events(id)).map(({ type }) => type).join(" "));
    assert.equal(await worker.drain(), 0);
  },
);
