import assert from "node:assert/strict";
import { setLimit } from "../../src/fleet/accounts.ts";
import { FencedError, type Lease } from "../../src/fleet/contract.ts";
import { Engine } from "../../src/fleet/engine.ts";
import { beat, checkHeld, claim, enqueueWanted, requeue, settle, wake } from "../../src/fleet/lease.ts";
import { queueName, readQueueName } from "../../src/fleet/queues.ts";
import { claimant, submitRow } from "../helpers/fleet_rows.ts";
import { postgresTest, slowPostgresTest, type TestPostgres } from "../helpers/postgres.ts";

/** Sets up a new fleet with two workers' engines. */
async function withEngines(
  postgres: TestPostgres,
  run: (engines: { readonly first: Engine; readonly second: Engine }) => Promise<void>,
): Promise<void> {
  const { env } = await postgres.fleet();
  await using first = await Engine.open(env, { use: "worker" });
  await using second = await Engine.open(env, { use: "worker" });
  await run({ first, second });
}

async function mustClaim(engine: Engine, worker: string): Promise<Lease> {
  const lease = await claim(engine, claimant(worker));
  assert.ok(lease, "nothing to claim");
  return lease;
}

async function stateOf(engine: Engine, id: string): Promise<unknown> {
  const { rows: [row] } = await engine.query(
    "select state, detail, holder, wanted, epoch, summary from samocode.session where id = $1",
    [id],
  );
  return row;
}

/** Makes the engine believe that a worker has been silent for longer than a lease. */
async function letExpire(engine: Engine, { job }: Lease): Promise<void> {
  await engine.query("update samocode_queue.job set heartbeat_on = now() - interval '1 minute' where id = $1", [
    job.id,
  ]);
  // pg-boss checks only every 2 s, however often it is asked: reset that.
  await engine.query("update samocode_queue.queue set monitor_on = null");
  await engine.queue.supervise();
}

postgresTest("a session is enqueued once, claimed once, and settled with its summary", async (postgres) => {
  await withEngines(postgres, async ({ first, second }) => {
    const id = await submitRow(first, { name: "add-jwt" });
    const counts = await Promise.all([enqueueWanted(first), enqueueWanted(second), enqueueWanted(first)]);
    assert.equal(counts.reduce((sum, each) => sum + each), 1);
    const claimed = await Promise.all([claim(first, claimant("a")), claim(second, claimant("b"))]);
    const [lease, ...more] = claimed.filter((each) => each !== undefined);
    assert.ok(lease);
    assert.deepEqual(more, []);
    const { job: { id: job, retryCount }, ...rest } = lease;
    assert.match(job, /^[0-9a-f-]{36}$/);
    assert.deepEqual({ ...rest, retryCount }, {
      id,
      epoch: 1,
      project: "shop",
      session: "add-jwt",
      queue: "1/default/default/",
      retryCount: 0,
    });
    assert.deepEqual(await beat(second, [lease]), new Set([id]));
    await first.transaction((transaction) => checkHeld(transaction, lease));
    const settlement = { state: "waiting", detail: "Q1", summary: { phase: "qa" } } as const;
    await settle(first, lease, settlement);
    const settled = { state: "waiting", detail: "Q1", holder: null, wanted: false, epoch: 1, summary: { phase: "qa" } };
    assert.deepEqual(await stateOf(first, id), settled);
    await settle(first, lease, { ...settlement, state: "failed" });
    assert.deepEqual(await stateOf(first, id), settled, "an end whose answer was lost may be told again");
    assert.deepEqual(await beat(first, [lease]), new Set());
    assert.equal(await claim(first, claimant("a")), undefined);
    await wake(first, id);
    assert.equal(await enqueueWanted(second), 1);
    assert.equal((await mustClaim(second, "b")).epoch, 2);
  });
});

postgresTest("who was overtaken can neither beat nor write, settle or requeue", async (postgres) => {
  await withEngines(postgres, async ({ first, second }) => {
    const id = await submitRow(first, { name: "add-jwt" });
    await enqueueWanted(first);
    const old = await mustClaim(first, "a");
    await letExpire(second, old);
    const lease = await mustClaim(second, "b");
    assert.deepEqual([lease.id, lease.epoch, lease.job.retryCount], [id, 2, 1]);
    assert.deepEqual(await beat(first, [old]), new Set());
    assert.deepEqual(await beat(first, [old, lease]), new Set([id]), "the same session, and only one of both holds it");
    let wrote = false;
    const before = (): Promise<void> => {
      wrote = true;
      return Promise.resolve();
    };
    await assert.rejects(() => first.transaction((transaction) => checkHeld(transaction, old)), FencedError);
    await assert.rejects(() => settle(first, old, { state: "done", detail: "", before }), FencedError);
    await assert.rejects(() => requeue(first, old, { detail: "", before }), FencedError);
    assert.equal(wrote, false);
    assert.deepEqual(await stateOf(second, id), {
      ...{ state: "running", detail: "", holder: "b", wanted: false, epoch: 2, summary: null },
    });
    await settle(second, lease, { state: "done", detail: "" });
  });
});

postgresTest("an end undoes all that was written for it if the job is somebody else's", async (postgres) => {
  await withEngines(postgres, async ({ first: engine }) => {
    const id = await submitRow(engine, { name: "add-jwt" });
    await enqueueWanted(engine);
    const lease = await mustClaim(engine, "a");
    await letExpire(engine, lease);
    const before = async ({ query }: { readonly query: (text: string, values: unknown[]) => Promise<unknown> }) => {
      await query("insert into samocode.journal values ($1, 1, 1, 'x', '{}')", [id]);
    };
    await assert.rejects(() => settle(engine, lease, { state: "done", detail: "", before }), FencedError);
    const { rows: [{ count } = {}] } = await engine.query("select count(*)::int as count from samocode.journal");
    assert.equal(count, 0);
  });
});

postgresTest("claims at the same time never exceed an account's limit", async (postgres) => {
  await withEngines(postgres, async ({ first: engine, second }) => {
    const engines = [engine, second, engine, second, engine, second];
    await setLimit(engine, { name: "team", maxSessions: 3, priority: undefined });
    for (let n = 0; n < 24; n++) {
      // Pools have separate queues, but share the account.
      await submitRow(engine, { name: `s${n}`, account: "team", pool: n % 2 === 0 ? "default" : "big" });
    }
    await enqueueWanted(engine);
    let running = 0;
    let most = 0;
    let done = 0;
    const work = async (own: Engine, index: number): Promise<void> => {
      while (done < 24) {
        const lease = await claim(own, claimant(`w${index}`, { pool: index % 2 === 0 ? "default" : "big" }));
        if (lease === undefined) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        most = Math.max(most, ++running);
        await beat(own, [lease]);
        running--;
        await settle(own, lease, { state: "done", detail: "" });
        done++;
      }
    };
    await Promise.all(engines.map(work));
    assert.deepEqual({ done, isWithin: most <= 3 }, { done: 24, isWithin: true });
    const { rows: [{ count } = {}] } = await engine.query(
      "select count(*)::int as count from samocode.session where state = 'done' and epoch = 1",
    );
    assert.equal(count, 24);
  });
});

postgresTest(
  "a worker with one connection claims, although pg-boss looks its queues up meanwhile",
  async (postgres) => {
    const { env } = await postgres.fleet();
    await using engine = await Engine.open(env, { use: "worker", maxConnections: 1 });
    await submitRow(engine, { name: "add-jwt" });
    await enqueueWanted(engine);
    await using other = await Engine.open(env, { use: "worker", maxConnections: 1 });
    const lease = await mustClaim(other, "a");
    const { promise: beating, resolve } = Promise.withResolvers<void>();
    await settle(other, lease, {
      state: "done",
      detail: "",
      before: async () => {
        assert.deepEqual(await beat(other, [lease]), new Set([lease.id]), "a beat waits for no transaction");
        resolve();
      },
    });
    await beating;
  },
);

postgresTest("an account without a limit runs one session, one with 0 runs out", async (postgres) => {
  await withEngines(postgres, async ({ first: engine }) => {
    await submitRow(engine, { name: "one" });
    await submitRow(engine, { name: "two" });
    await enqueueWanted(engine);
    const lease = await mustClaim(engine, "a");
    assert.equal(await claim(engine, claimant("a")), undefined);
    await setLimit(engine, { name: "default", maxSessions: 0, priority: undefined });
    assert.deepEqual(await beat(engine, [lease]), new Set([lease.id]));
    await settle(engine, lease, { state: "done", detail: "" });
    assert.equal(await claim(engine, claimant("a")), undefined);
    await setLimit(engine, { name: "default", maxSessions: 1, priority: 7 });
    assert.deepEqual(await setLimit(engine, { name: "default", maxSessions: 2, priority: undefined }), {
      ...{ name: "default", maxSessions: 2, priority: 7 },
    });
    await mustClaim(engine, "a");
  });
});

postgresTest("a worker takes the most urgent of what its pool, labels and accounts allow", async (postgres) => {
  await withEngines(postgres, async ({ first: engine }) => {
    await setLimit(engine, { name: "paid", maxSessions: 9, priority: 100 });
    await setLimit(engine, { name: "default", maxSessions: 9, priority: undefined });
    await submitRow(engine, { name: "late", priority: -1 });
    await submitRow(engine, { name: "urgent", priority: 5 });
    await submitRow(engine, { name: "paid", account: "paid" });
    await submitRow(engine, { name: "gpu", labels: ["gpu", "arm"], priority: 50 });
    await submitRow(engine, { name: "elsewhere", pool: "other", priority: 1000 });
    await submitRow(engine, { name: "second-project", project: "api", priority: 1 });
    await enqueueWanted(engine);
    const next = async (rest = {}): Promise<string | undefined> => (await claim(engine, claimant("a", rest)))?.session;
    assert.equal(await next({ labels: ["gpu"] }), "paid", "gpu needs arm, too");
    assert.equal(await next({ accounts: ["paid"] }), undefined);
    assert.equal(await next({ labels: ["arm", "gpu", "x"] }), "gpu");
    assert.deepEqual([await next(), await next(), await next(), await next()], [
      "urgent",
      "second-project",
      "late",
      undefined,
    ]);
    assert.equal(await next({ pool: "other" }), "elsewhere");
  });
});

postgresTest("a session that was put off begins at its time, or at once if somebody wants it", async (postgres) => {
  await withEngines(postgres, async ({ first: engine }) => {
    const id = await submitRow(engine, { name: "limited" });
    await enqueueWanted(engine);
    await requeue(engine, await mustClaim(engine, "a"), {
      detail: "limit",
      notBefore: new Date(Date.now() + 3_600_000),
    });
    assert.equal(await enqueueWanted(engine), 1);
    assert.equal(await claim(engine, claimant("a")), undefined);
    await wake(engine, id);
    assert.equal(await enqueueWanted(engine), 1);
    const again = await mustClaim(engine, "a");
    assert.equal(again.epoch, 2);
    await wake(engine, id);
    await enqueueWanted(engine);
    assert.equal(await claim(engine, claimant("b")), undefined, "it runs: the wish waits for its end");
    await settle(engine, again, { state: "waiting", detail: "" });
    assert.equal((await mustClaim(engine, "b")).epoch, 3);
  });
});

postgresTest("a session that somebody took to their machine is run by nobody", async (postgres) => {
  await withEngines(postgres, async ({ first: engine }) => {
    const id = await submitRow(engine, { name: "mine" });
    await enqueueWanted(engine);
    await engine.query("update samocode.session set state = 'taken' where id = $1", [id]);
    assert.equal(await claim(engine, claimant("a")), undefined);
    await wake(engine, id);
    assert.equal(await enqueueWanted(engine), 0);
  });
});

slowPostgresTest("a silent worker's session is given to the next one by itself", async (postgres) => {
  await withEngines(postgres, async ({ first, second }) => {
    await submitRow(first, { name: "orphan" });
    await enqueueWanted(first);
    const lease = await mustClaim(first, "a");
    // Move the last beat back to just before the lease ends.
    await first.query("update samocode_queue.job set heartbeat_on = now() - interval '11 seconds' where id = $1", [
      lease.job.id,
    ]);
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    await using _ = await second.listen(["samocode_wanted"], (channel) => channel !== "" && resolve());
    await heard;
    assert.equal((await mustClaim(second, "b")).epoch, 2);
  });
});

Deno.test("queueName() sorts labels, and is read back", () => {
  const parts = { project: "12", pool: "big", account: "team-a", labels: ["gpu", "arm", "gpu"] };
  assert.equal(queueName(parts), "12/big/team-a/arm.gpu");
  assert.deepEqual(readQueueName(queueName(parts)), { ...parts, labels: ["arm", "gpu"] });
  assert.deepEqual(readQueueName("1/a/b/"), { project: "1", pool: "a", account: "b", labels: [] });
  for (const name of ["", "1/a/b", "1/a/b/c/d", "__pgboss__"]) assert.equal(readQueueName(name), undefined, name);
  for (const word of ["", "a/b", "a.b", "x'; drop", "-x", "x".repeat(61)]) {
    assert.throws(() => queueName({ ...parts, account: word }), /no word for a queue/);
    assert.throws(() => queueName({ ...parts, labels: [word] }), /no word for a queue/);
  }
});
