/**
 * A session's row as a worker reads it. It is untrusted: submitters wrote it.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import { type Checked, flag, mapOf, number, optional, orUndefined, record, text } from "../workflow/shape.ts";
import type { FleetRequest, Lease } from "./contract.ts";
import type { Engine } from "./engine.ts";
import type { FleetProject } from "./machine.ts";
import { SCHEMA } from "./schema.ts";

const isRequest = record({
  task: optional(text),
  dive: optional(text),
  light: optional(flag),
  plan: optional(text),
  maxCostUsd: optional(number),
  provider: optional(text),
  settings: mapOf(text),
});

const isRow = record({
  name: text,
  folder: orUndefined(text),
  request: isRequest,
  by: text,
  role: text,
  lines: number,
  project: text,
  project_name: text,
  repository: text,
});

/** What a worker needs to know about a session. */
export interface SessionRow {
  /** Its folder's name, with the date; `undefined` before it has one. */
  readonly folder: string | undefined;
  readonly request: FleetRequest;
  /** Who submitted it: the name that their door gave, and the database role. */
  readonly by: string;
  /** Number of events in the engine. */
  readonly lines: number;
  readonly project: FleetProject;
}

/** Reads a session's row. @throws {SamocodeError} If this version of the program would not have written it. */
export async function readSessionRow(
  engine: Engine,
  { id, session }: Pick<Lease, "id" | "session">,
): Promise<SessionRow> {
  const { rows: [found = {}] } = await engine.query(
    `select s.name, s.folder, s.request, s.by, s.role::text, s.lines, p.id::text as project, p.name as project_name, p.repository
     from ${SCHEMA}.session s join ${SCHEMA}.project p on p.id = s.project where s.id = $1`,
    [id],
  );
  const row: unknown = { ...found, folder: found["folder"] ?? undefined, request: withoutNulls(found["request"]) };
  if (!isRow(row) || row.name !== session || !isFolderOf(row)) {
    throw new SamocodeError("conflict", `Cannot run ${session}: its row in the fleet cannot be read`, {
      hint: "Submit it again with this version of samocode",
    });
  }
  const { folder, request, by, role, lines, project: projectId, project_name: name, repository } = row;
  return { folder, request, by: `${by} (${role})`, lines, project: { id: projectId, name, repository } };
}

/** Rejects what this program never writes: a path, or another session's folder. */
function isFolderOf({ name, folder }: Checked<typeof isRow>): boolean {
  return /^[\w.-]{1,100}$/.test(name) && !name.startsWith(".") &&
    (folder === undefined || (/^[\w.-]{1,120}$/.test(folder) && folder.endsWith(`-${name}`)));
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}
