/**
 * How an event looks among the lines that scroll by on a console.
 *
 * @module
 */
import type { SessionEvent } from "../workflow/session_event.ts";
import { describeEvent } from "../messages/describe_event.ts";
import type { Style } from "./spans.ts";

/** A line that stays. */
export interface ConsoleLine {
  /** One column. */
  readonly mark: string;
  readonly markStyle: Style;
  readonly text: string;
  readonly style: Style;
  /** What the agent does is read by the thousand: one row each. */
  readonly oneRow: boolean;
  /** True where an empty line stands before it. */
  readonly opens: boolean;
}

/** How much of what an agent says is shown. */
const SAID_COLUMNS = 240;

/** The line for an event; `undefined` where the closing block says it. */
export function consoleLine(event: SessionEvent): ConsoleLine | undefined {
  const line = (mark: string, markStyle: Style, style: Style = "plain"): ConsoleLine => ({
    mark,
    markStyle,
    text: describeEvent(event, { maxText: event.type === "agent.said" ? SAID_COLUMNS : 600 }),
    style,
    oneRow: event.type === "agent.acted",
    opens: event.type === "iteration.started",
  });
  switch (event.type) {
    case "session.stopped":
      return undefined;
    case "iteration.started":
      return line("▶", "now", "bold");
    case "agent.acted":
    case "agent.started":
      return line("·", "dim", "dim");
    case "agent.said":
      return line(" ", "plain");
    case "iteration.ended":
      return event.end.kind === "finished" ? line("✓", "good", "dim") : line("✗", "bad");
    case "signal.received":
      return line("→", "dim", "dim");
    case "phase.entered":
      return line("●", "now");
    case "session.created":
    case "session.prepared":
    case "session.started":
      return line("•", "good");
    case "gate.reached":
      return line("◆", "due", "due");
    case "gate.opened":
    case "answers.given":
    case "plan.rejected":
    case "guidance.given":
    case "stop.requested":
      return line("◇", "human");
    case "agent.denied":
    case "agent.retried":
    case "agent.limited":
    case "agent.model_changed":
    case "iteration.retried":
    case "journal.repaired":
    case "listener.failed":
    case "locks.found":
    case "processes.ended":
    case "session.recovered":
    case "signal.refused":
      return line("!", "warn", "warn");
  }
}
