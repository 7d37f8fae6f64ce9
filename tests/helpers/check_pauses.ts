/**
 * Judges the pauses in a journal.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";

/** Each attempt begins after the whole of the pause before it. */
export function checkPauses(events: readonly RecordedEvent[]): void {
  let restsUntil = 0;
  for (const event of events) {
    const at = Date.parse(event.at);
    if (event.type === "iteration.started") {
      assert.ok(at >= restsUntil, `attempt ${event.attempt} came ${restsUntil - at} ms early`);
    }
    if (event.type === "iteration.retried") restsUntil = at + event.delayMs;
  }
}
