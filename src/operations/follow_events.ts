/**
 * Follows a session's events from outside its worker.
 *
 * @module
 */
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { LOOK_MS } from "./limits.ts";
import { type Status, statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** What to follow. */
export interface FollowRequest {
  readonly session: string;
  /** Of the events so far, only those after this one; 0 for all, `Infinity` for none. */
  readonly after: number;
  readonly abort: AbortSignal;
}

/** New events, and the status after them. */
export interface News {
  readonly events: readonly RecordedEvent[];
  readonly status: Status;
  /** Open until the consumer asks for more. */
  readonly folder: SessionFolder;
}

/**
 * Yields the events so far, then new ones as they come. When aborted, it looks a last time.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export async function* followEvents(
  samocode: Samocode,
  { session, after, abort }: FollowRequest,
): AsyncGenerator<News> {
  let events: RecordedEvent[] = [];
  const see = (event: RecordedEvent) => {
    if (event.seq > after) events.push(event);
  };
  using folder = openSession(samocode, session, { readOnly: true, see });
  using watch = new FileWatch(folder.layout.journal);
  const wake = () => watch.wake();
  abort.addEventListener("abort", wake);
  try {
    let state: string | undefined;
    while (true) {
      const status = statusOf(folder);
      if (events.length > 0 || status.state !== state) yield { events, status, folder };
      if (abort.aborted) return;
      state = status.state;
      await watch.changed(LOOK_MS.death);
      events = [...folder.journal.refresh()];
    }
  } finally {
    abort.removeEventListener("abort", wake);
  }
}
