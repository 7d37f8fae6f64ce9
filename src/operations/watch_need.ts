/**
 * Notices that a session no longer waits for what it waited for: somebody decided at another door.
 *
 * @module
 */
import { describeEvent } from "../messages/describe_event.ts";
import type { Outcome } from "../workflow/run_events.ts";
import { plainText } from "../text/terminal_text.ts";
import { readStatus } from "./read_status.ts";
import type { Status } from "./status.ts";
import { openSession, type Samocode } from "./samocode.ts";
import { followEvents, waitSession } from "./wait_session.ts";

/** A watch on what a session waits for. */
export interface NeedWatch extends AsyncDisposable {
  /** Fires once it no longer does. */
  readonly changed: AbortSignal;
  /** Why nothing can be noticed any more. */
  readonly problem: () => unknown;
  /** Who did what, in words; empty if that was no event. */
  readonly news: () => string;
}

/** Watches until it is disposed. */
export function watchNeed(samocode: Samocode, asked: Status): NeedWatch {
  const changed = new AbortController();
  const over = new AbortController();
  const { session, cursor: after } = asked;
  let news = "";
  let problem: unknown;
  const watching = (async () => {
    for await (const { events, status } of followEvents(samocode, { session, after, abort: over.signal })) {
      const acts = events.filter((event) => "by" in event);
      news = acts.map((event) => plainText(describeEvent(event), 200)).at(-1) ?? news;
      if (isSameNeed(asked, status)) continue;
      return changed.abort();
    }
  })();
  const ended = watching.catch((error) => {
    problem = error;
    changed.abort();
  });
  return {
    changed: changed.signal,
    problem: () => problem,
    news: () => news,
    async [Symbol.asyncDispose](): Promise<void> {
      over.abort();
      await ended;
    },
  };
}

/** Whether a session still waits for the same. */
export function isSameNeed(asked: Status, now: Status): boolean {
  return now.state === asked.state && now.needs === asked.needs && now.obstacle === asked.obstacle &&
    now.movedTo === asked.movedTo;
}

/** Waits while another process runs the session, and tells how that run ended. */
export async function outcomeElsewhere(
  samocode: Samocode,
  { session, abort }: { readonly session: string; readonly abort: AbortSignal },
): Promise<Outcome> {
  const forever = { after: Infinity, timeoutMs: Infinity, untilPhaseChange: false };
  await waitSession(samocode, { session, ...forever, abort, onProgress: () => {} });
  if (abort.aborted) return { kind: "stopped", by: "you" };
  using folder = openSession(samocode, session, { readOnly: true });
  const { detail } = readStatus(samocode, { session });
  return folder.history.outcome ?? { kind: "failed", reason: detail };
}
