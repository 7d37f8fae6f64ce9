/**
 * Starts a session's worker, or queues the session where as many are running as the settings allow.
 *
 * @module
 */
import { lstatIfExists } from "../system/files/files.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { lockHolder } from "../session/lock.ts";
import { readRoster, rosterFolder } from "../session/roster.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { startWorker } from "./detached_worker.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { refuseOwnAgents } from "./people_only.ts";
import { enlist } from "./roster.ts";
import type { Samocode } from "./samocode.ts";

/** How many sessions of this user have a worker. */
export function countRunning(stateFolder: string): number {
  return readRoster(stateFolder).filter(({ lock }) => lockHolder(lock) !== undefined).length;
}

/**
 * Starts a worker, and waits until it has begun, or queues the session.
 *
 * @param by Who asked; recorded if it is queued.
 * @throws {SamocodeError} As `startWorker`; also where an agent of a session asks.
 */
export async function startInTurn(samocode: Samocode, folder: SessionFolder, by: string): Promise<Status> {
  refuseOwnAgents(samocode, "run a session");
  const { settings: { maxParallel: most }, stateFolder } = samocode;
  if (most === 0) return await startWorker(samocode, folder);
  // Of several that start at once, each counts those before it.
  using _turn = await lockFolder(rosterFolder(stateFolder));
  const running = countRunning(stateFolder);
  if (running < most) return await startWorker(samocode, folder);
  if (folder.history.queued === undefined) {
    // First the roster: a session that only believes it is queued would wait for ever.
    const { path } = enlist(samocode, folder);
    folder.journal.append({ type: "session.queued", by, running, most });
    // Until then it needed nobody, and whoever looked took it off.
    if (lstatIfExists(path) === undefined) enlist(samocode, folder);
  }
  return statusOf(folder);
}
