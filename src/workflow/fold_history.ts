/**
 * The fold over the journal: what each event adds to a session's history.
 *
 * @module
 */
import { foldEvidence } from "./evidence.ts";
import { foldAgent } from "./fold_agent.ts";
import { foldIteration } from "./fold_iteration.ts";
import { foldRoute } from "./fold_route.ts";
import { foldRun } from "./fold_run.ts";
import type { History } from "./history.ts";
import { AGENT_EVENTS, ITERATION_EVENTS } from "./iteration_events.ts";
import { ROUTE_EVENTS } from "./route_events.ts";
import type { RecordedEvent, RecordedIn } from "./session_event.ts";

/** Adds one event to a history. */
export function fold(before: History, event: RecordedEvent): History {
  const evidence = foldEvidence(before.evidence, event);
  const history: History = { ...before, lastSeq: event.seq, lastAt: event.at, evidence };
  if (isIn(AGENT_EVENTS, event)) return foldAgent(history, event);
  if (isIn(ITERATION_EVENTS, event)) return foldIteration(history, event);
  return isIn(ROUTE_EVENTS, event) ? foldRoute(history, event) : foldRun(history, event);
}

function isIn<Table extends object>(table: Table, event: RecordedEvent): event is RecordedIn<Table> {
  return event.type in table;
}
