/**
 * Opening a session that somebody wants to act on. Between a worker's last event and its end it says good-bye to its
 * listeners and still has the lock; whoever waited for that event is quicker.
 *
 * @module
 */
import { lockHolder } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { LOOK_MS, WITHIN_MS } from "./limits.ts";
import { statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/**
 * Opens a session; where it rests, its worker has let go of it.
 *
 * @throws {SamocodeError} Where there is no such session.
 */
export async function openAtRest(samocode: Samocode, session: string): Promise<SessionFolder> {
  const folder = openSession(samocode, session);
  try {
    if (statusOf(folder).state !== "running") await released(folder);
    folder.journal.refresh();
    return folder;
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

/** Resolves when the worker that has the lock now has let go of it, or after a while, or when `abort` fires. */
export async function released({ layout }: SessionFolder, abort?: AbortSignal): Promise<void> {
  const holder = lockHolder(layout.lock);
  if (holder === undefined) return;
  using watch = new FileWatch(layout.lock);
  const wake = () => watch.wake();
  abort?.addEventListener("abort", wake);
  try {
    const deadline = Date.now() + WITHIN_MS.release;
    while (lockHolder(layout.lock)?.pid === holder.pid && Date.now() < deadline && !abort?.aborted) {
      await watch.changed(LOOK_MS.release);
    }
  } finally {
    abort?.removeEventListener("abort", wake);
  }
}
