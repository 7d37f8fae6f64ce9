/**
 * What a person should know although nothing is asked of them: limits, outages, fallbacks and a budget that is running
 * out.
 *
 * @module
 */
import type { Post } from "../channels/post.ts";
import { describeFallback } from "../messages/describe_wait.ts";
import { formatDuration, localMoment } from "../text/format.ts";
import { describeShare } from "../workflow/budget.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { OfferBook } from "./offers.ts";
import { type Draft, postFrom } from "./post_parts.ts";
import type { View } from "./view.ts";

/** Shorter waits are not worth a message. */
const LONG_WAIT_MS = 600_000;

/** With the default pauses, an outage has lasted about that long by then. */
const OUTAGE_TRIES = 8;

/** The notices for a session's events, at most one per event. */
export function noticesFor(events: readonly RecordedEvent[], view: View, book: OfferBook): readonly Post[] {
  return events.flatMap((event) => {
    const notice = noticeOf(event);
    if (notice === undefined) return [];
    return [postFrom({ ...notice, id: `notice ${event.seq}`, topic: "limit" }, view, book)];
  });
}

function noticeOf(event: RecordedEvent): Pick<Draft, "type" | "mark" | "need" | "text"> | undefined {
  if (event.type === "budget.warned") {
    return { type: "budget.warned", mark: "💸", need: ": most of the budget is used up", text: describeShare(event) };
  }
  if (event.type !== "iteration.retried") return undefined;
  const { fallback, wait, delayMs, because: text } = event;
  if (fallback !== undefined) {
    return { type: "session.fallback", mark: "🔁", need: `: ${describeFallback(fallback)}`, text };
  }
  if (wait?.for === "outage" && wait.tries === OUTAGE_TRIES) {
    const need = `: outage, retrying until ${localMoment(wait.until)}`;
    return { type: "session.outage", mark: "⏳", need, text };
  }
  if (delayMs <= LONG_WAIT_MS) return undefined;
  return { type: "session.limited", mark: "⏳", need: `: waiting for ${formatDuration(delayMs)}`, text };
}
