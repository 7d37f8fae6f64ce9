/**
 * pg-boss: the only module that starts it.
 *
 * @module
 */
import { PgBoss } from "pg-boss";
import type { PostgresPool } from "./postgres_pool.ts";

/** pg-boss, as the fleet uses it. */
export type Queue = Pick<
  PgBoss,
  "insert" | "update" | "fetch" | "touch" | "complete" | "createQueue" | "supervise" | "stop"
>;

/** Starts pg-boss on a pool, without its timers: the engine itself looks for dead workers. */
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
    // These need the rights of the owner.
    reindex: false,
    monitorVacuum: false,
  });
  // An outage; who uses it next hears of it.
  boss.on("error", () => {});
  return await boss.start();
}

/** The ids of the jobs that a command changed: those whose attempt is still the one that was named. */
export function changedJobs(response: object): ReadonlySet<string> {
  const settled = "settled" in response ? response.settled : undefined;
  return new Set(Array.isArray(settled) ? settled.map(String) : []);
}
