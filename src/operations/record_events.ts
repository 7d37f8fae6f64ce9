/**
 * Writes a run's events to the journal, and holds the run at them.
 *
 * @module
 */
import { ForgedLineError } from "../session/check_chain.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";

/** Holds a run at its events, until what they tell of is safe elsewhere. */
export interface Barrier {
  /**
   * Called before an event is recorded.
   *
   * @throws {HandOver} If the run is to stop instead, and go on elsewhere.
   */
  before(event: SessionEvent): Promise<void>;
  /** Called once it is recorded, before anybody hears it. */
  after(event: RecordedEvent): Promise<void>;
}

/** A run stops before an event that it would have recorded. */
export class HandOver extends Error {
  override readonly name = "HandOver";
}

/** Writes each event to the journal before any listener hears it. */
export async function* recorded(
  folder: SessionFolder,
  { first, events, ending, barrier }: {
    readonly first: RecordedEvent | undefined;
    readonly events: AsyncGenerator<SessionEvent>;
    /** Is called before a session is recorded as done. */
    readonly ending: (event: SessionEvent) => Promise<void>;
    readonly barrier: Barrier | undefined;
  },
): AsyncGenerator<RecordedEvent> {
  if (first !== undefined) yield first;
  let handOver: HandOver | undefined;
  try {
    for (let next = await events.next(); !next.done;) {
      // The loop knows of no hand-over: it takes one for a failure.
      const value: SessionEvent = handOver !== undefined && next.value.type === "session.stopped"
        ? { ...next.value, outcome: { kind: "stopped", by: handOver.message } }
        : next.value;
      if (value.type === "session.stopped" && value.outcome.kind === "done") await ending(value);
      let event: RecordedEvent;
      try {
        await barrier?.before(value);
        event = folder.journal.append(value);
        await barrier?.after(event);
      } catch (error) {
        if (error instanceof HandOver) handOver = error;
        else if (!(error instanceof ForgedLineError)) throw error;
        // The loop ends its agent and says why in its last event.
        next = await events.throw(error);
        continue;
      }
      yield event;
      next = await events.next();
    }
  } finally {
    await events.return(undefined);
  }
}
