/**
 * Asks a running session to stop: after the iteration under way, or at once.
 *
 * @module
 */
import { lockHolder } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { killTree } from "../system/processes/end_processes.ts";
import { platform } from "../system/platform.ts";
import { isAlive } from "../system/processes/process_table.ts";
import { WITHIN_MS } from "./limits.ts";
import { type Status, statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** How to stop. */
export interface StopOrder {
  /** Ends the agent under way; otherwise its iteration is finished first. */
  readonly now: boolean;
  /** Who asked, for the record. */
  readonly by: string;
}

/** Stops the session of that name; see {@linkcode stopIn}. */
export async function stopSession(
  samocode: Samocode,
  { session, ...order }: StopOrder & { readonly session: string },
): Promise<Status> {
  using folder = openSession(samocode, session);
  return await stopIn(folder, order);
}

/**
 * Asks for a stop. With `now` it waits until the worker is gone.
 *
 * @throws {SamocodeError} Where nothing runs, or the worker does not end.
 */
export async function stopIn(folder: SessionFolder, { now, by }: StopOrder): Promise<Status> {
  const worker = lockHolder(folder.layout.lock);
  if (worker === undefined) {
    throw new SamocodeError("conflict", `Cannot stop ${folder.name}: it is not running`, {
      hint: "Nothing needs to be done",
    });
  }
  // A worker that is only just beginning would take the wish for one to the run before.
  using begun = new FileWatch(folder.layout.journal);
  while (!folder.history.running && lockHolder(folder.layout.lock)?.pid === worker.pid) {
    await begun.changed(50);
    folder.journal.refresh();
  }
  folder.journal.append({ type: "stop.requested", by, now });
  if (!now) return statusOf(folder);
  using watch = new FileWatch(folder.layout.journal);
  askToEnd(worker.pid);
  const deadline = Date.now() + WITHIN_MS.stop;
  // It gives its lock back a moment before it is gone.
  while (lockHolder(folder.layout.lock) !== undefined || (worker.pid !== Deno.pid && isAlive(worker))) {
    if (Date.now() > deadline) {
      throw new SamocodeError("system", `Cannot stop ${folder.name}: process ${worker.pid} goes on`, {
        hint: `End it by hand: kill -9 ${worker.pid}; the next run cleans up`,
      });
    }
    // The worker gives its lock back and exits after its last event: short looks follow the last change.
    await watch.changed(lockHolder(folder.layout.lock) === undefined ? 10 : 100);
    folder.journal.refresh();
  }
  folder.journal.refresh();
  return statusOf(folder);
}

function askToEnd(pid: number): void {
  // A worker that cannot be asked cannot end its agent either.
  if (!platform().hasGroups) return killTree(pid);
  try {
    Deno.kill(pid, "SIGTERM");
  } catch (error) {
    // Gone in between, which is what was wanted.
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return;
    throw new SamocodeError("system", `Cannot stop process ${pid}: ${messageOf(error)}`, {
      hint: "It stops by itself when its iteration is over; to end it now, ask the user who started it",
      cause: error,
    });
  }
}
