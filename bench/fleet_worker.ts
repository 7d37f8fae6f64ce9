/**
 * A worker whose sessions take no time, and its floor: `fleet_worker.ts sessions SLOTS` claims each session, writes
 * five fenced events and ends it, until none is left; `fleet_worker.ts trips SLOTS N` makes N bare round trips.
 *
 * @module
 */
import type { Lease } from "../src/fleet/contract.ts";
import { Engine } from "../src/fleet/engine.ts";
import { checkHeld, claim, enqueueWanted, settle } from "../src/fleet/lease.ts";

/** The result of a worker. */
export interface WorkerFigures {
  readonly ms: number;
  readonly count: number;
}

/** Round trips of a session: claim 3, five events 2, end 2. */
export const TRIPS_OF_A_SESSION = 7;

/** Pause while nothing can be claimed although sessions are left. A real worker waits for a notification, or 10 s. */
const IDLE_MS = 10;

/** Writes events, each with the number of running sessions of its account. */
async function playSession(engine: Engine, lease: Lease): Promise<void> {
  await engine.transaction(async (transaction) => {
    const held = checkHeld(transaction, lease);
    const written = transaction.query(
      `insert into samocode.journal select $1, n, $2, 'test', (
        select count(*) from samocode.session r join samocode.session s on s.account = r.account
        where r.state = 'running' and s.id = $1) from generate_series(1, 5) n`,
      [lease.id, lease.epoch],
    );
    await Promise.all([held, written]);
  });
  await settle(engine, lease, { state: "done", detail: "" });
}

/** Works like a real worker: one claim at a time, and as many sessions in parallel as it has slots. */
async function playAll(engine: Engine, slots: number): Promise<number> {
  const claimant = { worker: `w${Deno.pid}`, pool: "default", labels: [], accounts: [] };
  const played = new Set<Promise<void>>();
  let count = 0;
  await enqueueWanted(engine);
  for (;;) {
    const lease = played.size < slots ? await claim(engine, claimant) : undefined;
    if (lease !== undefined) {
      const session = playSession(engine, lease).then(() => void played.delete(session));
      played.add(session);
      count++;
    } else if (played.size > 0) {
      await Promise.race(played);
    } else {
      const { count: left } = await engine.query(
        "select 1 from samocode.session where state in ('queued', 'running') limit 1",
      );
      if (left === 0) return count;
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    }
  }
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
