/**
 * A worker whose sessions take no time, and its floor: `fleet_worker.ts sessions SLOTS` claims, writes five events under
 * the fence and ends each session until none is left; `fleet_worker.ts trips SLOTS N` asks the engine N times for nothing.
 *
 * @module
 */
import type { Lease } from "../src/fleet/contract.ts";
import { Engine } from "../src/fleet/engine.ts";
import { checkHeld, claim, enqueueWanted, settle } from "../src/fleet/lease.ts";

/** What it came to. */
export interface WorkerFigures {
  readonly ms: number;
  readonly count: number;
}

/** How often a session asks the engine and waits: claim 7, five events 4, end 5. */
export const TRIPS_OF_A_SESSION = 16;

/** Writes events, each with the number of sessions of its account that run. */
async function playSession(engine: Engine, lease: Lease): Promise<void> {
  await engine.transaction(async (transaction) => {
    await checkHeld(transaction, lease);
    await transaction.query(
      `insert into samocode.journal select $1, n, $2, 'test', (
        select count(*) from samocode.session r join samocode.session s on s.account = r.account
        where r.state = 'running' and s.id = $1) from generate_series(1, 5) n`,
      [lease.id, lease.epoch],
    );
  });
  await settle(engine, lease, { state: "done", detail: "" });
}

async function playAll(engine: Engine, slots: number): Promise<number> {
  const claimant = { worker: `w${Deno.pid}`, pool: "default", labels: [], accounts: [] };
  let count = 0;
  await enqueueWanted(engine);
  const slot = async (): Promise<void> => {
    for (;;) {
      const lease = await claim(engine, claimant);
      if (lease !== undefined) {
        await playSession(engine, lease);
        count++;
        continue;
      }
      const { count: left } = await engine.query(
        "select 1 from samocode.session where state in ('queued', 'running') limit 1",
      );
      if (left === 0) return;
      // The limits are reached: another slot gives room.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  await Promise.all(Array.from({ length: slots }, slot));
  return count;
}

async function askOften(
  engine: Engine,
  { slots, trips }: { readonly slots: number; readonly trips: number },
): Promise<number> {
  let left = trips;
  const slot = async (): Promise<void> => {
    while (left-- > 0) await engine.query("select 1");
  };
  await Promise.all(Array.from({ length: slots }, slot));
  return trips;
}

if (import.meta.main) {
  const [way = "", slots = "", trips = ""] = Deno.args;
  await using engine = await Engine.open(Deno.env.toObject(), { use: "worker", maxConnections: Number(slots) });
  await Promise.all(Array.from({ length: Number(slots) }, () => engine.query("select 1")));
  const begun = performance.now();
  const count = way === "sessions"
    ? await playAll(engine, Number(slots))
    : await askOften(engine, { slots: Number(slots), trips: Number(trips) });
  const figures: WorkerFigures = { ms: performance.now() - begun, count };
  console.log(JSON.stringify(figures));
}
