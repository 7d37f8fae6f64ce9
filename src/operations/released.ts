/**
 * The moment between a worker's last event and its end: it says good-bye to its listeners, and still has the lock.
 *
 * @module
 */
import { lockHolder } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { FileWatch } from "../system/files/file_watch.ts";

/** A little longer than listeners are given to close; what takes longer is told to whoever wants the lock. */
const RELEASE_WITHIN_MS = 25_000;
/** Giving the lock back is seen at once; the death of its holder only by looking. */
const LOOK_MS = 250;

/** Resolves when the worker that has the lock now has let go of it, or after a while, or when `abort` fires. */
export async function released({ layout }: SessionFolder, abort?: AbortSignal): Promise<void> {
  const holder = lockHolder(layout.lock);
  if (holder === undefined) return;
  using watch = new FileWatch(layout.lock);
  const wake = () => watch.wake();
  abort?.addEventListener("abort", wake);
  try {
    const deadline = Date.now() + RELEASE_WITHIN_MS;
    while (lockHolder(layout.lock)?.pid === holder.pid && Date.now() < deadline && !abort?.aborted) {
      await watch.changed(LOOK_MS);
    }
  } finally {
    abort?.removeEventListener("abort", wake);
  }
}
