/**
 * Opens a session to act on it. A worker holds its lock for a moment after its last event, while its listeners close;
 * a caller that waited for that event may get here first.
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
 * Opens a session. If it is at rest, waits until its worker has released the lock.
 *
 * @throws {SamocodeError} If there is no such session.
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

/** Resolves when the current lock holder has released the lock, after a timeout, or when `abort` fires. */
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
