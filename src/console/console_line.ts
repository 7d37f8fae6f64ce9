/**
 * How an event looks as a line on a console.
 *
 * @module
 */
import { isPulse, type PulseEvent, type SessionEvent } from "../workflow/session_event.ts";
import { describeEvent } from "../messages/describe_event.ts";
import type { Style } from "./screen.ts";

/** A permanent line. */
export interface ConsoleLine {
  /** One column. */
  readonly mark: string;
  readonly markStyle: Style;
  readonly text: string;
  readonly style: Style;
  /** Whether it is cut to one row: an agent's actions come by the thousand. */
  readonly oneRow: boolean;
  /** Whether an empty line precedes it. */
  readonly opens: boolean;
}

type Look = readonly [mark: string, markStyle: Style, style?: Style];

const WARNING: Look = ["!", "warn", "warn"];
const FROM_HUMAN: Look = ["◇", "human"];
const DETAIL: Look = ["·", "dim", "dim"];

type Silent = PulseEvent | { type: "session.stopped" | "work.counted" };

const LOOKS: Readonly<Record<Exclude<SessionEvent, Silent>["type"], Look>> = {
  "session.created": ["•", "good"],
  "task.given": FROM_HUMAN,
  "session.prepared": ["•", "good"],
  "session.started": ["•", "good"],
  "session.queued": DETAIL,
  "session.recovered": WARNING,
  "journal.repaired": WARNING,
  "journal.accepted": WARNING,
  "session.renamed": WARNING,
  "session.moved": WARNING,
  "phase.entered": ["●", "now"],
  "iteration.started": ["▶", "now", "bold"],
  "agent.started": DETAIL,
  "agent.acted": DETAIL,
  "agent.said": [" ", "plain"],
  "agent.denied": WARNING,
  "agent.retried": WARNING,
  "agent.limited": WARNING,
  "agent.model_changed": WARNING,
  "iteration.ended": ["✗", "bad"],
  "processes.ended": WARNING,
  "log.cut": WARNING,
  "hosts.refused": WARNING,
  "locks.found": WARNING,
  "settings.left_out": WARNING,
  "signal.received": ["→", "dim", "dim"],
  "signal.refused": WARNING,
  "checkpoint.made": DETAIL,
  "checkpoint.failed": WARNING,
  "checkpoint.restored": FROM_HUMAN,
  "iteration.retried": WARNING,
  "check.started": DETAIL,
  "check.ended": ["✗", "bad"],
  "baseline.accepted": FROM_HUMAN,
  "review.ended": DETAIL,
  "progress.missed": WARNING,
  "budget.warned": WARNING,
  "budget.raised": FROM_HUMAN,
  "gate.reached": ["◆", "due", "due"],
  "gate.opened": FROM_HUMAN,
  "answers.given": FROM_HUMAN,
  "plan.rejected": FROM_HUMAN,
  "guidance.given": FROM_HUMAN,
  "stop.requested": FROM_HUMAN,
  "resume.requested": FROM_HUMAN,
  "session.finished": FROM_HUMAN,
  "workplace.removed": FROM_HUMAN,
  "listener.failed": WARNING,
};

/** How much is shown of what an agent says, in columns. */
const MAX_SAID = 240;

/** The line for an event; `undefined` for what the closing block shows, and for what has none. */
export function consoleLine(event: SessionEvent): ConsoleLine | undefined {
  if (event.type === "session.stopped" || event.type === "work.counted" || isPulse(event)) return undefined;
  const isSuccess = event.type === "check.ended"
    ? event.result === "passed"
    : event.type === "iteration.ended" && event.end.kind === "finished";
  const [mark, markStyle, style = "plain"]: Look = isSuccess ? ["✓", "good", "dim"] : LOOKS[event.type];
  return {
    mark,
    markStyle,
    text: describeEvent(event, { maxText: event.type === "agent.said" ? MAX_SAID : 600 }),
    style,
    oneRow: event.type === "agent.acted",
    opens: event.type === "iteration.started",
  };
}
