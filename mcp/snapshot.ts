/**
 * One look at a session: where it stands, and all that happened.
 *
 * @module
 */
import { followEvents, type News } from "../src/operations/follow_events.ts";
import type { Samocode } from "../src/operations/samocode.ts";
import { layoutOf } from "../src/session/layout.ts";
import { FileWatch } from "../src/system/files/file_watch.ts";

/** A worker that has come to rest still tells its listeners, Telegram among them; after that something is wrong. */
const LEAVE_WITHIN_MS = 20_000;

/**
 * Looks at a session once.
 *
 * @param after Only events after this one; 0 for all.
 * @throws {SamocodeError} Where there is no such session.
 */
export async function lookAt(samocode: Samocode, session: string, { after = 0 } = {}): Promise<News> {
  const { signal: abort } = new AbortController();
  for await (const news of followEvents(samocode, { session, after, abort })) return news;
  throw new Error("there was nothing to see");
}

/**
 * Looks at a session that somebody wants to act on. A worker says that it rests a moment before it gives its lock back,
 * and a parent that waited for that word is quicker.
 *
 * @throws {SamocodeError} Where there is no such session.
 */
export async function lookAtRest(samocode: Samocode, session: string): Promise<News> {
  let news = await lookAt(samocode, session);
  if (!isLeaving(news)) return news;
  using watch = new FileWatch(layoutOf(news.status.folder).lock);
  const deadline = Date.now() + LEAVE_WITHIN_MS;
  while (isLeaving(news) && Date.now() < deadline) {
    await watch.changed(100);
    news = await lookAt(samocode, session);
  }
  return news;
}

function isLeaving({ status }: News): boolean {
  return status.state !== "running" && status.workerPid !== undefined;
}
