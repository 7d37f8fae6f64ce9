/**
 * Simulates the heartbeats, claims and ends of many workers on one PostgreSQL, and prints how long each took: `deno run
 * -A tools/fleet_simulation.ts [WORKERS] [SECONDS]`. The figures are for docs/fleet.md.
 *
 * @module
 */
import { spreadOf } from "../bench/figures.ts";
import { setLimit } from "../src/fleet/accounts.ts";
import { type Lease, LEASE_MS } from "../src/fleet/contract.ts";
import { Engine } from "../src/fleet/engine.ts";
import { beat, claim, enqueueWanted, settle, wake } from "../src/fleet/lease.ts";
import { openProject } from "../src/fleet/roles.ts";
import { TestPostgres } from "../tests/helpers/postgres.ts";

/** How often per second a session ends and another is claimed, in the whole fleet. */
const CLAIMS_A_SECOND = 20;

/** Engines that the simulated workers share; each real worker has its own. */
const ENGINES = 8;

/** Measured durations in milliseconds, and the number of lost leases. */
interface Seen {
  readonly beats: number[];
  readonly claims: number[];
  readonly ends: number[];
  lost: number;
}

async function simulate(workers: number, seconds: number): Promise<void> {
  await using postgres = await TestPostgres.start();
  const { env } = await postgres.fleet();
  await using stack = new AsyncDisposableStack();
  const open = async (): Promise<Engine> => stack.use(await Engine.open(env, { use: "worker", maxConnections: 4 }));
  const engines = await Promise.all(Array.from({ length: ENGINES }, open));
  const engineOf = (index: number): Engine => {
    const engine = engines[index % ENGINES];
    if (engine === undefined) throw new Error("no engine");
    return engine;
  };
  const held = await fill(engineOf(0), workers);
  const seen: Seen = { beats: [], claims: [], ends: [], lost: 0 };
  const until = performance.now() + seconds * 1_000;
  await Promise.all([
    ...held.map((_, index) => beatUntil(until, { engine: engineOf(index), held, index, seen })),
    changeUntil(until, { engineOf, held, seen }),
  ]);
  say(`${workers} workers for ${seconds} s: ${Math.round(seen.beats.length / seconds)} beats a second`, seen);
}

/** Submits twice as many sessions as there are workers, and claims one for each. */
async function fill(engine: Engine, workers: number): Promise<Lease[]> {
  const project = await openProject(engine, { name: "many", repository: "/many" });
  await setLimit(engine, { name: "default", maxSessions: 2 * workers, priority: undefined });
  await engine.query(
    `insert into samocode.session (project, name, request, by)
    select $1, 's' || n, '{"settings":{}}', 'simulation' from generate_series(1, $2::int) n`,
    [project, 2 * workers],
  );
  await enqueueWanted(engine);
  const held: Lease[] = [];
  while (held.length < workers) {
    const lease = await claim(engine, { worker: `w${held.length}`, pool: "default", labels: [], accounts: [] });
    if (lease === undefined) throw new Error("nothing to claim");
    held.push(lease);
    // Keep the first leases alive until all sessions are claimed.
    if (held.length % 200 === 0) await beat(engine, held);
  }
  return held;
}

async function beatUntil(
  until: number,
  { engine, held, index, seen }: {
    readonly engine: Engine;
    readonly held: readonly Lease[];
    readonly index: number;
    readonly seen: Seen;
  },
): Promise<void> {
  await pause(Math.random() * LEASE_MS.beat);
  while (performance.now() < until) {
    const lease = held[index];
    if (lease === undefined) return;
    const begun = performance.now();
    const kept = await beat(engine, [lease]);
    const ms = performance.now() - begun;
    seen.beats.push(ms);
    // Not lost if it was given back meanwhile.
    if (!kept.has(lease.id) && held[index] === lease) seen.lost++;
    await pause(LEASE_MS.beat - ms);
  }
}

async function changeUntil(
  until: number,
  { engineOf, held, seen }: {
    readonly engineOf: (index: number) => Engine;
    readonly held: Lease[];
    readonly seen: Seen;
  },
): Promise<void> {
  for (let count = 0; performance.now() < until; count++) {
    const begun = performance.now();
    const index = Math.floor(Math.random() * held.length);
    const [engine, lease] = [engineOf(index), held[index]];
    if (lease === undefined) return;
    const next = await timed(
      seen.claims,
      () => claim(engine, { worker: `w${index}`, pool: "default", labels: [], accounts: [] }),
    );
    if (next !== undefined) held[index] = next;
    await timed(seen.ends, () => settle(engine, lease, { state: "waiting", detail: "" }));
    await wake(engine, lease.id);
    await enqueueWanted(engine);
    await pause(1_000 / CLAIMS_A_SECOND - (performance.now() - begun));
  }
}

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  times.push(performance.now() - begun);
  return result;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

function say(title: string, { beats, claims, ends, lost }: Seen): void {
  console.log(title);
  for (const [name, times] of Object.entries({ beats, claims, ends })) {
    const { median, max } = spreadOf(times);
    const late = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;
    const [half, most, worst] = [median, late, max].map((ms) => `${ms.toFixed(1)} ms`);
    console.log(
      `  ${name.padEnd(7)} ${String(times.length).padStart(6)}: median ${half}, 99 of 100 in ${most}, most ${worst}`,
    );
  }
  console.log(`  leases lost: ${lost}`);
}

if (import.meta.main) {
  const [workers = "1000", seconds = "20"] = Deno.args;
  await simulate(Number(workers), Number(seconds));
}
