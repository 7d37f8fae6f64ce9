/**
 * Rows for tests of the fleet: a project, and sessions waiting to run.
 *
 * @module
 */
import type { Engine } from "../../src/fleet/engine.ts";
import type { Claimant } from "../../src/fleet/lease.ts";
import { openProject } from "../../src/fleet/roles.ts";

/** A session's row; omitted fields get the table's defaults. */
export interface SessionRow {
  readonly project?: string;
  readonly name: string;
  readonly account?: string;
  readonly pool?: string;
  readonly labels?: readonly string[];
  readonly priority?: number;
}

/** Submits a session and returns its id. Creates the project if needed, which takes the owner's engine. */
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

/** A worker without labels. */
export function claimant(worker: string, rest: Partial<Claimant> = {}): Claimant {
  return { worker, pool: "default", labels: [], accounts: [], ...rest };
}
