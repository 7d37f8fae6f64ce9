/**
 * Records what the newest review report says, as soon as the attempt that wrote it is over: what somebody changes in it
 * later does not count.
 *
 * @module
 */
import { PHASES } from "../workflow/phases.ts";
import { readReport } from "../workflow/review.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { readNewestReview } from "../session/handover.ts";
import type { SessionFolder } from "../session/session_folder.ts";

/** Records it, if the phase is a review and the report says something else than before. */
export function* noteReview({ layout, history }: SessionFolder): Generator<SessionEvent> {
  const found = PHASES[history.phase].isReview ? readNewestReview(layout) : undefined;
  if (found === undefined) return;
  const { verdict, findings } = readReport(found.text);
  const { review } = history;
  const isKnown = review?.report === found.name && review.verdict === verdict &&
    review.findings.join("\n") === findings.join("\n");
  if (!isKnown) yield { type: "review.ended", report: found.name, ...(verdict && { verdict }), findings };
}
