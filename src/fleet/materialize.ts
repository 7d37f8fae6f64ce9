/**
 * Writes a session's folder from what the engine has.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { copyJournal, forgetCopied } from "../session/copied_journal.ts";
import { layoutOf } from "../session/layout.ts";
import { lstatIfExists, removeFolder } from "../system/files/files.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import type { Engine } from "./engine.ts";
import type { ShippedFiles } from "./folder_files.ts";
import {
  ABANDONED,
  listFiles,
  readPages,
  readSnapshot,
  readStamp,
  type Snapshot,
  temporaryBeside,
  writeStored,
} from "./stored_session.ts";

/** What both the folder and the engine have now: where a shipper starts. */
export interface Materialized {
  /** The number of the last event; 0 if the session has none yet, and so no folder. */
  readonly after: number;
  readonly files: ShippedFiles;
}

/** Which session to write, and where. */
export interface MaterializeOptions {
  /** Id of the session's row. */
  readonly id: string;
  readonly folder: string;
  readonly stateFolder: string;
}

/**
 * Creates the session's folder. It appears complete or not at all.
 *
 * @param options.folder Must not exist; its parent is created.
 * @throws {SamocodeError} If the folder exists, or the engine's data is not a valid session.
 */
export async function materialize(engine: Engine, options: MaterializeOptions): Promise<Materialized> {
  const { folder, id } = options;
  refuseExisting(folder);
  return await readSnapshot(engine, async (snapshot) => {
    if (((await readStamp(snapshot, id))?.lines ?? 0) === 0) return { after: 0, files: new Map() };
    const { temporary, ...written } = await writeTemporary(snapshot, options);
    try {
      refuseExisting(folder);
      Deno.renameSync(temporary, folder);
    } catch (error) {
      removeFolder(temporary);
      throw error;
    }
    return written;
  });
}

/**
 * Writes the session's folder under a temporary name next to its final one.
 *
 * @returns The temporary path; the journal is recognized once the folder is renamed.
 */
export async function writeTemporary(
  snapshot: Snapshot,
  { id, folder, stateFolder }: MaterializeOptions,
): Promise<Materialized & { readonly temporary: string }> {
  const temporary = temporaryBeside(folder);
  const { logs, journal } = layoutOf(temporary);
  try {
    Deno.mkdirSync(logs, { recursive: true, mode: 0o700 });
    removeAbandonedBeside(folder, stateFolder);
    const files = await listFiles(snapshot, id);
    for (const file of files) {
      const to = join(temporary, file.path);
      Deno.mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      await writeStored(snapshot, { id, file, to });
    }
    const lines = linesOf(readPages(snapshot, { id, after: 0 }));
    const after = await copyJournal(journal, lines, { stateFolder, renamedTo: folder });
    return { temporary, after, files: new Map(files.map(({ path, parts }) => [path, parts])) };
  } catch (error) {
    removeFolder(temporary);
    if (error instanceof SamocodeError) throw error;
    throw systemError(`Cannot write the session's folder ${folder}`, {
      error,
      hint: "Check the disk's free space and the folder's permissions",
    });
  }
}

async function* linesOf(pages: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const page of pages) yield* page;
}

/** Far longer than fetching a session takes. */
const ABANDONED_MS = 6 * 3_600_000;

/** Removes leftovers of processes that were killed while they fetched a session. */
function removeAbandonedBeside(folder: string, stateFolder: string): void {
  for (const { name } of Deno.readDirSync(dirname(folder))) {
    const path = join(dirname(folder), name);
    if (!ABANDONED.test(name)) continue;
    if (Date.now() - (lstatIfExists(path)?.mtime?.getTime() ?? Infinity) > ABANDONED_MS) {
      forgetCopied(path, { stateFolder });
      removeFolder(path);
    }
  }
}

function refuseExisting(folder: string): void {
  if (lstatIfExists(folder) === undefined) return;
  throw new SamocodeError("conflict", `Cannot fetch the session: ${folder} already exists`, { hint: "Move it away" });
}
