/**
 * Reads a session's journal and files from the engine. Everything is checked before it becomes a path or a file.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { writeAll } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import type { Engine, Transaction } from "./engine.ts";
import { hashOf, type Parts } from "./folder_files.ts";
import { SCHEMA } from "./schema.ts";
import { isStorable } from "./stored_path.ts";

/** A consistent view of the engine's data. */
export type Snapshot = Pick<Transaction, "query">;

/** A file as stored in the engine. */
export interface StoredFile {
  readonly path: string;
  readonly parts: Parts;
  readonly modifiedAt: Date;
}

/** Lines read at a time. */
const PAGE = 500;

/** Reads in one snapshot, so that files and lines match even while others write. */
export function readSnapshot<T>(engine: Engine, read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return engine.transaction(async (transaction) => {
    await transaction.query("set transaction isolation level repeatable read, read only");
    return await read(transaction);
  });
}

/** The state of a session's data in the engine. */
export interface SessionStamp {
  /** Number of events. */
  readonly lines: number;
  /** Differs after each change. */
  readonly stamp: string;
}

/** SQL expression for the stamp, in a query on `session s`. */
export const STAMP = "concat_ws(' ', s.epoch, s.lines, s.changed_at)";

/** Reads the state of a session's data; `undefined` if it does not exist or may not be read. */
export async function readStamp(snapshot: Snapshot, id: string): Promise<SessionStamp | undefined> {
  const statement = `select s.lines, ${STAMP} as stamp from ${SCHEMA}.session s where s.id = $1`;
  const { rows: [row] } = await snapshot.query(statement, [id]);
  return row && { lines: Number(row["lines"]), stamp: String(row["stamp"]) };
}

/** The journal's lines after an event, a page at a time. */
export async function* readPages(
  snapshot: Snapshot,
  { id, after }: { readonly id: string; readonly after: number },
): AsyncGenerator<readonly string[]> {
  const statement = `select line from ${SCHEMA}.journal where session = $1 and seq > $2 order by seq limit ${PAGE}`;
  let last = after;
  for (let count = PAGE; count === PAGE; last += count) {
    const { rows } = await snapshot.query(statement, [id, last]);
    count = rows.length;
    if (count > 0) yield rows.map(({ line }) => String(line));
  }
}

/**
 * Lists the files of a session.
 *
 * @throws {SamocodeError} If a row is not a valid file of a session.
 */
export async function listFiles(snapshot: Snapshot, id: string): Promise<readonly StoredFile[]> {
  const { rows } = await snapshot.query(
    `select path, array_agg(sha256 order by part) as parts, count(*)::int as count, max(part) as last,
      max(modified_at) filter (where part = 0) as modified_at
    from ${SCHEMA}.file where session = $1 group by path order by path`,
    [id],
  );
  return rows.map(readFileRow);
}

function readFileRow(row: Readonly<Record<string, unknown>>): StoredFile {
  const { path, parts, count, last, modified_at: modifiedAt } = row;
  const isWhole = Array.isArray(parts) && parts.every(isHash) && parts.length === count && last === parts.length - 1;
  if (typeof path !== "string" || !isStorable(path)) throw refused(path, "a session's file cannot have this name");
  if (!isWhole || !(modifiedAt instanceof Date)) throw refused(path, "parts of it are missing");
  return { path, parts, modifiedAt };
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

function refused(path: unknown, found: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot take the file ${JSON.stringify(path)} from the fleet: ${found}`, {
    hint: "Find out which worker wrote it; nobody else should",
  });
}

/** Returns a part that is available locally and need not be fetched. */
export type LocalPart = (number: number, sha256: string) => Uint8Array | undefined;

/**
 * Writes a new file.
 *
 * @throws {SamocodeError} If a part does not match its hash.
 */
export async function writeStored(
  snapshot: Snapshot,
  { id, file: { path, parts, modifiedAt }, to, local = () => undefined }: {
    readonly id: string;
    readonly file: StoredFile;
    readonly to: string;
    readonly local?: LocalPart;
  },
): Promise<void> {
  {
    using file = Deno.openSync(to, { write: true, createNew: true, mode: 0o600 });
    for (const [number, sha256] of parts.entries()) {
      const part = local(number, sha256) ?? await fetchPart(snapshot, { id, path, number });
      if (part === undefined || hashOf(part) !== sha256) throw refused(path, "the hash of a part does not match");
      writeAll(file, part);
    }
  }
  // Keep the time: of two plans, the newer one counts.
  Deno.utimeSync(to, modifiedAt, modifiedAt);
}

async function fetchPart(
  snapshot: Snapshot,
  { id, path, number }: { readonly id: string; readonly path: string; readonly number: number },
): Promise<Uint8Array | undefined> {
  const statement = `select body from ${SCHEMA}.file where session = $1 and path = $2 and part = $3`;
  const { rows: [row] } = await snapshot.query(statement, [id, path, number]);
  const body = row?.["body"];
  return body instanceof Uint8Array ? body : undefined;
}

/** Matches names from {@linkcode temporaryBeside}. */
export const ABANDONED = /^\..+\.[0-9a-f-]{36}\.tmp$/;

/** A temporary path next to a file or folder, for what replaces it once complete. Lists of sessions skip such names. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${crypto.randomUUID()}.tmp`);
}
