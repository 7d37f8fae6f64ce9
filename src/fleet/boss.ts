/**
 * Starts pg-boss; the only module that does.
 *
 * @module
 */
import { PgBoss } from "pg-boss";
import type { PostgresPool } from "./postgres_pool.ts";

/** The parts of pg-boss that the fleet uses. */
export type Queue = Pick<
  PgBoss,
  "insert" | "update" | "fetch" | "touch" | "complete" | "createQueue" | "supervise" | "stop"
>;

/** Starts pg-boss on a pool, without its timers: the engine looks for dead workers itself. */
export async function startQueue(
  pool: PostgresPool,
  { schema, installs = false }: { readonly schema: string; readonly installs?: boolean },
): Promise<Queue> {
  const boss = new PgBoss({
    db: pool.boss,
    schema,
    migrate: installs,
    createSchema: installs,
    schedule: false,
    supervise: false,
    monitorIntervalSeconds: 2,
    registerInstance: false,
    // These need the owner's rights.
    reindex: false,
    monitorVacuum: false,
  });
  // Ignore outages here: the next caller gets the error.
  boss.on("error", () => {});
  return await boss.start();
}

/** The ids of the jobs that a command changed: those whose attempt was still the given one. */
export function changedJobs(response: object): ReadonlySet<string> {
  const settled = "settled" in response ? response.settled : undefined;
  return new Set(Array.isArray(settled) ? settled.map(String) : []);
}
