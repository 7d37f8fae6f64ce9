/**
 * Which sessions of the fleet are copied to a reader's machine, and where.
 *
 * @module
 */
import { join } from "node:path";
import { bareName, checkSessionName } from "../session/session_name.ts";
import { unlessFailing } from "../text/errors.ts";
import { dataFolder } from "../system/user_folders.ts";
import { flag, number, orUndefined, record, text } from "../workflow/shape.ts";
import type { Engine } from "./engine.ts";
import { fleetFolder } from "./machine.ts";
import { SCHEMA } from "./schema.ts";
import { STAMP } from "./stored_session.ts";

/** A session of the fleet that is copied here. */
export interface MirroredSession {
  /** Its row. */
  readonly id: string;
  readonly project: string;
  /** Without its day. */
  readonly name: string;
  /** The copy; `undefined` if the session has no event yet. */
  readonly folder: string | undefined;
}

/** A session's row, as far as copying goes. */
export interface MirrorRow extends MirroredSession {
  /** Another one after each change. */
  readonly stamp: string;
  /** A worker drives it. */
  readonly isRunning: boolean;
  /** It was done long ago. */
  readonly isOld: boolean;
}

/** Of which sessions. */
export interface RowFilter {
  readonly project?: string | undefined;
  /** With or without its day. */
  readonly session?: string | undefined;
  /** The session's row. */
  readonly id?: string | undefined;
}

/** The mirror of a project: its `.samocode` and its `sessions` are in it. */
export function mirrorFolder(
  env: Readonly<Record<string, string>>,
  { key, project }: { readonly key: string; readonly project: string },
): string {
  return join(fleetFolder({ data: dataFolder(env), key }), "mirror", checkSessionName(project));
}

const isRow = record({
  id: text,
  project: text,
  name: text,
  folder: orUndefined(text),
  lines: number,
  stamp: text,
  is_running: flag,
  is_old: flag,
});

const QUERY = `select s.id::text, p.name as project, s.name, s.folder, s.lines, ${STAMP} as stamp,
  s.holder is not null as is_running, s.state = 'done' and s.changed_at < now() - interval '30 days' as is_old
from ${SCHEMA}.session s join ${SCHEMA}.project p on p.id = s.project
where ($1::text is null or p.name = $1) and ($2::text is null or s.name = $2 or s.folder = $2)
  and ($3::uuid is null or s.id = $3) order by s.created_at`;

/** Reads them, the oldest first. */
export async function readMirrorRows(
  engine: Engine,
  { env, project, session, id }: RowFilter & { readonly env: Readonly<Record<string, string>> },
): Promise<readonly MirrorRow[]> {
  const { rows } = await engine.query(QUERY, [project ?? null, session ?? null, id ?? null]);
  return rows.flatMap((row) => readRow(row, { env, key: engine.key }) ?? []);
}

/** `undefined` for what cannot have a copy: the names in a row become folders. */
function readRow(
  given: Readonly<Record<string, unknown>>,
  { env, key }: { readonly env: Readonly<Record<string, string>>; readonly key: string },
): MirrorRow | undefined {
  const row = { ...given, folder: given["folder"] ?? undefined };
  if (!isRow(row)) return undefined;
  const { id, project, name, folder, lines, stamp, is_running: isRunning, is_old: isOld } = row;
  const sessions = unlessFailing(() => join(mirrorFolder(env, { key, project }), "sessions"));
  const isNamed = folder !== undefined && bareName(folder) === bareName(name) &&
    unlessFailing(() => checkSessionName(folder)) !== undefined;
  if (sessions === undefined || lines > 0 && !isNamed) return undefined;
  const place = lines === 0 || folder === undefined ? undefined : join(sessions, folder);
  return { id, project, name, folder: place, stamp, isRunning, isOld };
}
