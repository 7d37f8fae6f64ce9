/**
 * Asks a running session to stop, after the current iteration or at once.
 *
 * @module
 */
import { isLost, waitsForDay } from "../workflow/supervision.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { killTree } from "../system/processes/end_processes.ts";
import { platform } from "../system/platform.ts";
import { isAlive } from "../system/processes/process_table.ts";
import { awaitedSession, type Samocode, WITHIN_MS } from "./samocode.ts";
import { handOver } from "./hand_over.ts";
import { readStatus, statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";

/** How to stop. */
export interface StopOrder {
  /** Ends the current agent; otherwise its iteration finishes first. */
  readonly now: boolean;
  /** Who asked; recorded in the journal. */
  readonly by: string;
}

/**
 * Asks for a stop. With `now` it waits until the worker has exited. A session that is queued, waits for another day,
 * or whose worker died, is not started by a supervisor any more.
 *
 * @throws {SamocodeError} If nothing is running, or the worker does not stop.
 */
export async function stopSession(folder: SessionFolder, { now, by }: StopOrder): Promise<Status> {
  if (isStoppableElsewhere(folder) && await handOver(folder, { verb: "stop", now }, by)) return statusOf(folder);
  const worker = folder.holder;
  if (worker === undefined) {
    const { history } = folder;
    if (folder.elsewhere === undefined && (isLost(history) || waitsForDay(history) || history.queued !== undefined)) {
      // Then no supervisor starts it.
      folder.journal.append({ type: "stop.requested", by, now });
      return statusOf(folder);
    }
    throw notRunning(folder.name);
  }
  // A worker that is just starting would assign the request to the previous run.
  using begun = new FileWatch(folder.layout.journal);
  while (!folder.history.running && folder.journal.doubt === undefined && folder.holder?.pid === worker.pid) {
    await begun.changed(50);
    folder.journal.refresh();
  }
  // A worker whose journal somebody changed can still be ended.
  if (!now || folder.journal.doubt === undefined) folder.journal.append({ type: "stop.requested", by, now });
  if (!now) return statusOf(folder);
  using watch = new FileWatch(folder.layout.journal);
  askToEnd(worker.pid);
  const deadline = performance.now() + WITHIN_MS.stop;
  while (folder.holder !== undefined || (worker.pid !== Deno.pid && isAlive(worker))) {
    if (performance.now() > deadline) {
      throw new SamocodeError("system", `Cannot stop ${folder.name}: process ${worker.pid} is still running`, {
        hint: `End it yourself: kill -9 ${worker.pid}; the next run cleans up`,
      });
    }
    // It exits a moment after it has released its lock: poll faster then.
    await watch.changed(folder.holder === undefined ? 10 : 100);
    folder.journal.refresh();
  }
  folder.journal.refresh();
  return statusOf(folder);
}

/**
 * Stops a session elsewhere before anybody has begun it.
 *
 * @returns `undefined` for any other.
 * @throws {SamocodeError} If it is refused there.
 */
export async function stopAwaited(
  samocode: Samocode,
  { session, now, by }: StopOrder & { readonly session: string },
): Promise<Status | undefined> {
  const awaited = awaitedSession(samocode, session);
  if (awaited === undefined) return undefined;
  if (awaited.elsewhere.state === "failed") throw notRunning(session);
  const { ok, text, hint } = await awaited.elsewhere.act({ verb: "stop", now }, by);
  if (!ok) throw new SamocodeError("conflict", text, { hint });
  return readStatus(samocode, { session });
}

function notRunning(session: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot stop ${session}: it is not running`, {
    hint: "Nothing needs to be done",
  });
}

function isStoppableElsewhere({ elsewhere }: SessionFolder): boolean {
  return elsewhere !== undefined && (elsewhere.holder !== undefined || elsewhere.state === "queued");
}

function askToEnd(pid: number): void {
  // A worker that takes no signals cannot end its agent either.
  if (!platform().hasGroups) return killTree(pid);
  try {
    Deno.kill(pid, "SIGTERM");
  } catch (error) {
    // It exited in the meantime, as intended.
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return;
    const hint = "It stops by itself when its iteration is over; to end it now, ask the user who started it";
    throw systemError(`Cannot stop process ${pid}`, { error, hint });
  }
}
