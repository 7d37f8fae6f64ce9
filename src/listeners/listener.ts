/**
 * What a listener is: somebody who hears the events of a running session.
 *
 * @module
 */
import type { RecordedEvent } from "../workflow/session_event.ts";

/** Hears every event of a session, in order, after it is safely in the journal. */
export interface Listener {
  /** How it is called when it fails. */
  readonly name: string;
  /**
   * Takes one event. Must return at once: slow work goes on behind it. Whoever throws, or whose promise rejects, is
   * reported once and hears nothing more.
   */
  hear(event: RecordedEvent): void | Promise<void>;
  /** Finishes what is under way, in bounded time. */
  close?(): Promise<void>;
}
