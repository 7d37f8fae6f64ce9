/**
 * What a session costs in the fleet's engine compared to bare round trips, and whether a claim takes longer the more
 * sessions wait.
 *
 * @module
 */
import { join } from "node:path";
import { setLimit } from "../src/fleet/accounts.ts";
import { Engine } from "../src/fleet/engine.ts";
import { claim, enqueueWanted, requeue } from "../src/fleet/lease.ts";
import { openProject } from "../src/fleet/roles.ts";
import { POSTGRES, TestPostgres } from "../tests/helpers/postgres.ts";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, ratioLine, Series, spreadOf } from "./figures.ts";
import { TRIPS_OF_A_SESSION, type WorkerFigures } from "./fleet_worker.ts";

const SESSIONS = 1_000;
const PROCESSES = 2;
const SLOTS = 8;

/** Limits by account. Their sum is below the number of slots, so that slots have to wait. */
const LIMITS = { default: 6, team: 4 } as const;

const FEW = 10;
const MANY = 10_000;
const CLAIMS = 50;

/** Measures, and prints the figures. */
export async function benchFleet({ root, quick, write }: BenchOptions): Promise<void> {
  if (POSTGRES === undefined) return write("The fleet: not measured, since PostgreSQL was not found");
  await using postgres = await TestPostgres.start();
  await benchSessionsOfNothing(postgres, { root, quick, write });
  await benchClaims(postgres, { quick, write });
}

async function benchSessionsOfNothing(
  postgres: TestPostgres,
  { root, quick, write }: Pick<BenchOptions, "root" | "quick" | "write">,
): Promise<void> {
  const count = quick ? 40 : SESSIONS;
  const worker = join(root, "bench", "fleet_worker.ts");
  let most: readonly number[] = [];
  const sessions = new Series(async () => {
    const { env, name } = await postgres.fleet();
    await fill(env, count);
    const figures = await inProcesses(worker, { env, args: ["sessions", String(SLOTS)] });
    const played = figures.reduce((sum, each) => sum + each.count, 0);
    if (played !== count) throw new Error(`${played} sessions were played of ${count}`);
    most = (await postgres.sql(MOST_RUNNING, { database: name })).split("\n").map(Number);
    return Math.max(...figures.map(({ ms }) => ms));
  });
  const trips = new Series(async () => {
    const { env } = await postgres.fleet();
    const each = String(count * TRIPS_OF_A_SESSION / PROCESSES);
    const figures = await inProcesses(worker, { env, args: ["trips", String(SLOTS), each] });
    return Math.max(...figures.map(({ ms }) => ms));
  });
  const rounds = quick ? 1 : 3;
  await inTurns([sessions, trips], { rounds });
  const limits = Object.values(LIMITS);
  const isWithin = most.every((running, index) => running <= (limits[index] ?? 0));
  if (!isWithin) throw new Error(`limits of ${limits} were exceeded: ${most}`);
  write(`${count} sessions of nothing, ${PROCESSES} processes with ${SLOTS} slots each, ${rounds} rounds`);
  write(ratioLine("sessions / as many round trips of nothing", { of: sessions.figures, to: trips.figures }));
  write(figureLine("all sessions", { figures: sessions.figures, unit: "ms" }));
  write(figureLine(`${count * TRIPS_OF_A_SESSION} round trips`, { figures: trips.figures, unit: "ms" }));
  write(`  Limits ${limits.join(" and ")}: at most ${most.join(" and ")} ran at a time`);
}

const MOST_RUNNING = `select max(line::int) from samocode.journal j join samocode.session s on s.id = j.session
  group by s.account order by s.account`;

async function benchClaims(
  postgres: TestPostgres,
  { quick, write }: Pick<BenchOptions, "quick" | "write">,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const waiting = async (count: number, account: string): Promise<Engine> => {
    const { env } = await postgres.fleet();
    await fill(env, FEW);
    const engine = stack.use(await Engine.open(env, { use: "worker", maxConnections: 1 }));
    await setLimit(engine, { name: "full", maxSessions: 0, priority: undefined });
    await engine.query(SUBMIT, [count, [account]]);
    await enqueueWanted(engine);
    return engine;
  };
  const many = quick ? MANY / 20 : MANY;
  const [few, queued, full] = [
    await waiting(0, "default"),
    await waiting(many, "default"),
    await waiting(many, "full"),
  ];
  const series = [few, queued, full].map((engine) => new Series(() => claimOften(engine)));
  const trip = new Series(() => tripOften(few));
  const rounds = quick ? 1 : 5;
  await inTurns([...series, trip], { rounds });
  const [ofFew = [], ofQueued = [], ofFull = []] = series.map(({ figures }) => figures);
  write(`A claim, ${CLAIMS} in each of ${rounds} rounds`);
  write(ratioLine(`where ${many} wait / where ${FEW} do`, { of: ofQueued, to: ofFew }));
  write(ratioLine(`where ${many} of a full account wait / where ${FEW} do`, { of: ofFull, to: ofFew }));
  write(ratioLine(`where ${FEW} wait / a round trip of nothing`, { of: ofFew, to: trip.figures }));
  write(figureLine(`where ${FEW} wait`, { figures: ofFew, unit: "ms" }));
  write(figureLine(`where ${many} wait`, { figures: ofQueued, unit: "ms" }));
  write(figureLine("a round trip of nothing", { figures: trip.figures, unit: "ms" }));
}

/** Median time of a claim; each claimed session is queued again. */
async function claimOften(engine: Engine): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < CLAIMS; n++) {
    const begun = performance.now();
    const lease = await claim(engine, { worker: "w", pool: "default", labels: [], accounts: [] });
    times.push(performance.now() - begun);
    if (lease === undefined) throw new Error("nothing to claim");
    await requeue(engine, lease, { detail: "" });
    await enqueueWanted(engine);
  }
  return spreadOf(times).median;
}

async function tripOften(engine: Engine): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < CLAIMS; n++) {
    const begun = performance.now();
    await engine.query("select 1");
    times.push(performance.now() - begun);
  }
  return spreadOf(times).median;
}

const SUBMIT = `insert into samocode.session (project, name, request, by, account)
  select p.id, gen_random_uuid(), '{"settings":{}}', 'bench', ($2::text[])[1 + n % cardinality($2::text[])]
  from generate_series(1, $1) n, samocode.project p`;

type FleetEnv = Readonly<Record<string, string>>;

async function fill(env: FleetEnv, count: number): Promise<void> {
  await using engine = await Engine.open(env, { use: "person" });
  await openProject(engine, { name: "bench", repository: "/bench" });
  for (const [name, maxSessions] of Object.entries(LIMITS)) {
    await setLimit(engine, { name, maxSessions, priority: undefined });
  }
  await engine.query(SUBMIT, [count, Object.keys(LIMITS)]);
}

async function inProcesses(
  worker: string,
  { env, args }: { readonly env: FleetEnv; readonly args: readonly string[] },
): Promise<readonly WorkerFigures[]> {
  const run = async (): Promise<WorkerFigures> => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", worker, ...args],
      env: { ...env },
      stdin: "null",
    }).output();
    if (code !== 0) throw new Error(`a worker ended with ${code}: ${new TextDecoder().decode(stderr)}`);
    return JSON.parse(new TextDecoder().decode(stdout));
  };
  return await Promise.all(Array.from({ length: PROCESSES }, run));
}
