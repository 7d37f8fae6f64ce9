/**
 * The fleet's table of workers.
 *
 * @module
 */
import { messageOf, SamocodeError } from "../text/errors.ts";
import type { Engine } from "./engine.ts";
import { hasCode } from "./engine_errors.ts";
import { SCHEMA, WANTED } from "./schema.ts";

/** What a worker registers about itself. */
export interface WorkerRow {
  readonly name: string;
  readonly pool: string;
  readonly labels: readonly string[];
  /** Empty means all. */
  readonly accounts: readonly string[];
  readonly slots: number;
  readonly version: string;
}

/**
 * Registers a worker, and clears an earlier request to drain.
 *
 * @throws {SamocodeError} If a worker of another database role has this name.
 */
export async function registerWorker(engine: Engine, worker: WorkerRow): Promise<void> {
  try {
    await writeWorker(engine, worker);
  } catch (error) {
    if (!hasCode(error, "42501") || !/row-level security/.test(messageOf(error))) throw error;
    throw new SamocodeError("conflict", `Cannot work as ${worker.name}: a worker of another role has that name`, {
      hint: "Give this worker another name with --name",
      cause: error,
    });
  }
}

async function writeWorker(engine: Engine, worker: WorkerRow): Promise<void> {
  const { name, pool, labels, accounts, slots, version } = worker;
  await engine.query(
    `insert into ${SCHEMA}.worker (name, pool, labels, accounts, slots, version) values ($1, $2, $3, $4, $5, $6)
     on conflict (name) do update set pool = excluded.pool, labels = excluded.labels, accounts = excluded.accounts,
       slots = excluded.slots, version = excluded.version, since = now(), seen_at = now(), drains = false`,
    [name, pool, labels, accounts, slots, version],
  );
}

/** Records that a worker is alive. @returns Whether it should drain; `undefined` if a restored table lacks it. */
export async function seeWorker(engine: Engine, name: string): Promise<boolean | undefined> {
  const { rows } = await engine.query(
    `update ${SCHEMA}.worker set seen_at = now() where name = $1 returning drains`,
    [name],
  );
  return rows[0] && rows[0]["drains"] === true;
}

/** Removes a worker's row when it ends. */
export async function forgetWorker(engine: Engine, name: string): Promise<void> {
  await engine.query(`delete from ${SCHEMA}.worker where name = $1`, [name]);
}

/**
 * Asks a worker to hand its sessions over after their iterations and end.
 *
 * @throws {SamocodeError} If there is no such worker.
 */
export async function drainWorker(engine: Engine, name: string): Promise<void> {
  const { count } = await engine.query(`update ${SCHEMA}.worker set drains = true where name = $1`, [name]);
  if (count > 0) return void await engine.query("select pg_notify($1, '')", [WANTED]);
  const { rows } = await engine.query(`select name from ${SCHEMA}.worker order by seen_at desc limit 8`);
  const names = rows.map((row) => String(row["name"]));
  throw new SamocodeError("usage", `Cannot drain ${JSON.stringify(name.slice(0, 80))}: no such worker`, {
    hint: names.length === 0 ? "No worker is registered" : `Last seen: ${names.join(", ")}`,
  });
}

/** Queues sessions at rest that have a pending decision: it arrived just as their last worker let go. */
export async function wakeDecided(engine: Engine): Promise<void> {
  await engine.query(
    `update ${SCHEMA}.session s set wanted = true, not_before = null, changed_at = now()
     where not s.wanted and s.state <> 'taken' and s.holder is null and exists (
       select 1 from ${SCHEMA}.act a where a.session = s.id and a.applied_at is null
         and a.act->>'verb' <> 'guide'
         and (a.act->>'verb' <> 'stop' or s.not_before > now())
         and a.at < now() - interval '2 s')`,
  );
}
