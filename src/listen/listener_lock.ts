/**
 * The listener's lock, one per user, and which of two listeners gives way.
 *
 * @module
 */
import type { Host } from "../operations/roster.ts";
import { livingListener } from "../session/listener_record.ts";
import { takeLock } from "../session/lock.ts";
import { listenerFolder, listenerLock } from "../session/subscriptions.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { localMoment } from "../text/format.ts";

/** How long another listener may take to give way. */
const GIVES_WAY_WITHIN_MS = 15_000;

/**
 * Takes the lock. A listener of another version gives way, and so does one that ends by itself to one that keeps
 * running.
 *
 * @returns The reason if another listener keeps the lock.
 * @throws {SamocodeError} If the state folder cannot be used.
 */
export async function lockListener(
  { stateFolder, version }: Host,
  keeps: boolean,
): Promise<Disposable | SamocodeError> {
  const path = listenerLock(stateFolder);
  listenerFolder(stateFolder);
  const living = livingListener(stateFolder);
  if (living !== undefined) {
    const { holder: { pid, since }, said } = living;
    const givesWay = said !== undefined && (said.version !== version || (keeps && !said.keeps));
    if (!givesWay) {
      return new SamocodeError(
        "conflict",
        `Cannot listen: process ${pid} has been listening since ${localMoment(since)}`,
        { hint: `One listener serves all your projects. To replace it, stop it first: kill ${pid}` },
      );
    }
    unlessFailing(() => Deno.kill(pid, "SIGTERM"));
    const deadline = performance.now() + GIVES_WAY_WITHIN_MS;
    using watch = new FileWatch(path);
    while (livingListener(stateFolder)?.holder.pid === pid && performance.now() < deadline) await watch.changed(250);
  }
  try {
    return await takeLock(path, { session: "your channels" });
  } catch (error) {
    if (error instanceof SamocodeError && error.code === "conflict") return error;
    throw error;
  }
}
