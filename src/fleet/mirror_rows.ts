/**
 * The rows of fleet sessions to copy to a reader's machine, and the paths of the copies.
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

/** A fleet session with a copy here. */
export interface MirroredSession {
  /** Id of the session's row. */
  readonly id: string;
  readonly project: string;
  /** Without its date. */
  readonly name: string;
  /** The copy; `undefined` if the session has no event yet. */
  readonly folder: string | undefined;
}

/** A session's row, reduced to what copying needs. */
export interface MirrorRow extends MirroredSession {
  /** Differs after each change. */
  readonly stamp: string;
  /** Whether a worker drives it. */
  readonly isRunning: boolean;
  /** Whether it was done over 30 days ago. */
  readonly isOld: boolean;
}

/** Which rows to read. */
export interface RowFilter {
  readonly project?: string | undefined;
  /** With or without its date. */
  readonly session?: string | undefined;
  /** Id of the session's row. */
  readonly id?: string | undefined;
}

/** The folder of a project's mirror, which contains its `.samocode` and its `sessions`. */
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

/** Reads the rows, oldest first. */
export async function readMirrorRows(
  engine: Engine,
  { env, project, session, id }: RowFilter & { readonly env: Readonly<Record<string, string>> },
): Promise<readonly MirrorRow[]> {
  const { rows } = await engine.query(QUERY, [project ?? null, session ?? null, id ?? null]);
  return rows.flatMap((row) => readRow(row, { env, key: engine.key }) ?? []);
}

/** `undefined` for a row that cannot have a copy: its names become folders, so they must be valid. */
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
