/**
 * Rows that a test of the fleet begins with: a project, and sessions that want to run.
 *
 * @module
 */
import type { Engine } from "../../src/fleet/engine.ts";
import type { Claimant } from "../../src/fleet/lease.ts";
import { openProject } from "../../src/fleet/roles.ts";

/** A session's row; what is left out has the table's default. */
export interface SessionRow {
  readonly project?: string;
  readonly name: string;
  readonly account?: string;
  readonly pool?: string;
  readonly labels?: readonly string[];
  readonly priority?: number;
}

/** Submits a session; its id. The project is made where it is missing, by who may. */
export async function submitRow(
  engine: Engine,
  { project = "shop", name, account = "default", pool = "default", labels = [], priority = 0 }: SessionRow,
): Promise<string> {
  const id = await openProject(engine, { name: project, repository: `/repositories/${project}` });
  const { rows: [row] } = await engine.query(
    `insert into samocode.session (project, name, account, pool, labels, priority, request, by)
    values ($1, $2, $3, $4, $5, $6, '{"settings":{}}', 'a test') returning id`,
    [id, name, account, pool, labels, priority],
  );
  return String(row?.["id"]);
}

/** A worker that takes what has no label. */
export function claimant(worker: string, rest: Partial<Claimant> = {}): Claimant {
  return { worker, pool: "default", labels: [], accounts: [], ...rest };
}
