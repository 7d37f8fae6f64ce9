/**
 * The contract of a listener.
 *
 * @module
 */
import type { RecordedEvent } from "../workflow/session_event.ts";

/** Hears every event of a session, in order, once it is in the journal. */
export interface Listener {
  /** Its name in a failure report. */
  readonly name: string;
  /**
   * Hears one event. Must return at once; slow work continues in the returned promise. A listener that throws or rejects is
   * reported once and hears no further events.
   */
  hear(event: RecordedEvent): void | Promise<void>;
  /** Finishes pending work, in bounded time. */
  close?(): Promise<void>;
}
