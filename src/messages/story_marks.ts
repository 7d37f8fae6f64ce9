/**
 * The moments that a session's timeline marks.
 *
 * @module
 */
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Mark } from "../workflow/story.ts";
import { describeEvent } from "./describe_event.ts";

/** The mark of an event; `undefined` for most. */
export function markIn(event: RecordedEvent): Mark | undefined {
  const kind = kindOf(event);
  return kind && { at: event.at, kind, text: describeEvent(event, { maxText: 200 }) };
}

function kindOf(event: RecordedEvent): Mark["kind"] | undefined {
  switch (event.type) {
    case "task.given":
      return "task";
    case "gate.reached":
      return "gate";
    case "iteration.ended":
      return event.end.kind === "rate-limited" ? "limit" : undefined;
    case "iteration.retried":
      if (event.wait?.for === "outage") return "outage";
      // The end of the attempt marks it.
      return event.wait?.for === "limit" ? undefined : "retry";
    case "budget.warned":
    case "budget.raised":
      return "budget";
    case "check.ended":
      return event.result === "failed" ? "check_failed" : undefined;
    case "session.recovered":
    case "session.moved":
      return "recovered";
    case "session.stopped": {
      const { outcome } = event;
      if (outcome.kind === "waiting") return outcome.for === "budget" ? "budget" : undefined;
      return outcome.kind === "done" ? undefined : "stopped";
    }
    default:
      return undefined;
  }
}
