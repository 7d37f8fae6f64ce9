/**
 * Shows a session to a person who waits for it, as its own run does, from any other process.
 *
 * @module
 */
import { consoleListener } from "../console/console.ts";
import type { NextSteps } from "../messages/describe_view.ts";
import { hasLine } from "../messages/describe_event.ts";
import type { EventListener } from "../event_listeners/fan_out.ts";
import { fold } from "../workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import type { Terminal } from "./run_listeners.ts";
import { openSession, type Samocode } from "./samocode.ts";
import { followEvents } from "./wait_session.ts";

/** What to watch, and where. */
export interface WatchRequest {
  readonly session: string;
  readonly abort: AbortSignal;
  readonly terminal: Terminal;
  /** Whether to go on when the session rests. */
  readonly stays: boolean;
  /** Tells the status in full where there is no live area: at first, and when the session rests without an event. */
  readonly tell: (status: Status) => void;
  /** What the person can do once the session rests, one line each. */
  readonly nextSteps: (status: Status) => NextSteps;
}

/** How many of the last events are shown first. */
const RECENT = 8;

/**
 * Shows what happens until `abort` fires or, unless it stays, the session rests.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export async function watchSession(samocode: Samocode, request: WatchRequest): Promise<void> {
  const { session, abort, terminal, stays, tell, nextSteps } = request;
  const { after, before, recent } = readUntilNow(samocode, session);
  let listener: EventListener | undefined;
  try {
    for await (const { events, status, folder, isOver } of followEvents(samocode, { session, after, abort })) {
      if (listener === undefined) {
        listener = consoleListener({
          ...terminal,
          sessionName: folder.name,
          nextSteps: () => nextSteps(statusOf(folder)),
          view: () => statusOf(folder),
          history: () => folder.history,
          before,
          stays,
          now: samocode.now,
        });
        if (terminal.isTerminal) recent.forEach((event) => listener?.hear(event));
        else tell(status);
      } else if (isOver && !terminal.isTerminal && events.length === 0) tell(status);
      for (const event of events) listener.hear(event);
      if (isOver && !stays) return;
    }
  } finally {
    await listener?.close?.();
  }
}

/** The history before the run that goes on, and the last events; those of a long session are never all in memory. */
function readUntilNow(
  samocode: Samocode,
  session: string,
): { readonly after: number; readonly before: History; readonly recent: readonly RecordedEvent[] } {
  let history = NO_HISTORY;
  let before = NO_HISTORY;
  const recent: RecordedEvent[] = [];
  const see = (event: RecordedEvent) => {
    if (event.type === "session.started") before = history;
    history = fold(history, event);
    if (event.type === "session.stopped") before = history;
    // How the last run ended is what is shown below.
    else if (hasLine(event) && recent.push(event) > RECENT) recent.shift();
  };
  using _folder = openSession(samocode, session, { readOnly: true, see });
  return { after: history.lastSeq, before, recent };
}
