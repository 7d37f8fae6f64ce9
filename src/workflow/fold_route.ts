/**
 * What the events on the way through phases, gates and budgets add to the history.
 *
 * @module
 */
import { settled } from "./attempt.ts";
import { keyOf } from "./budget.ts";
import { type Gate, gateOpenedBy } from "./gates.ts";
import { type History, NO_WAIT } from "./history.ts";
import { type Phase, PHASE_NAMES, PHASES } from "./phases.ts";
import type { ROUTE_EVENTS } from "./route_events.ts";
import type { RecordedIn } from "./session_event.ts";

/** Adds one of these events to a history. */
export function foldRoute(history: History, event: RecordedIn<typeof ROUTE_EVENTS>): History {
  switch (event.type) {
    case "phase.entered":
      return {
        ...history,
        attempt: settled(history.attempt),
        owed: undefined,
        outcome: undefined,
        entries: { ...history.entries, [event.phase]: (history.entries[event.phase] ?? 0) + 1 },
        phase: event.phase,
        iterationsInVisit: 0,
        failures: 0,
        ...NO_WAIT,
        repairs: 0,
        pause: undefined,
        gates: gatesBefore(event.phase, history.gates),
        waived: event.by === "human" ? event.waived ?? [] : history.waived,
        sentBack: event.because,
        hasBuilt: history.hasBuilt || PHASES[event.phase].builds === true,
        resumedAfter: undefined,
      };
    case "budget.warned":
      return {
        ...history,
        budget: { ...history.budget, warned: [...history.budget.warned, keyOf(event, event.day)] },
      };
    case "budget.raised":
      return {
        ...history,
        budget: { ...history.budget, raised: [...history.budget.raised, ...event.raised], isFresh: true },
      };
    case "gate.reached":
      return {
        ...history,
        attempt: settled(history.attempt),
        owed: undefined,
        pause: { for: event.gate, gate: event.gate, wants: event.wants },
        shown: { document: event.document, sha256: event.sha256, openQuestions: event.openQuestions },
        gates: without(history.gates, event.gate),
      };
    case "gate.opened": {
      const { by, document, sha256 } = event;
      return { ...history, waived: [], gates: { ...history.gates, [event.gate]: { by, document, sha256 } } };
    }
    case "plan.rejected":
      return {
        ...history,
        waived: [],
        gates: without(history.gates, gateOpenedBy("approve")),
        pause: undefined,
        guidance: [...history.guidance, event.feedback],
      };
    case "baseline.accepted":
      return { ...history, pause: undefined };
    case "guidance.given":
      return { ...history, guidance: [...history.guidance, event.text] };
    case "stop.requested":
      // A human who stops a wait and runs the session again means: now.
      return { ...history, ...NO_WAIT, queued: undefined, stopRequestedBy: event.by };
    case "resume.requested":
      return history;
    case "answers.given":
      return { ...history, answered: event.sha256 };
  }
}

/** What comes from a phase has not been asked for yet: a session that goes back comes through the gates again. */
function gatesBefore(phase: Phase, gates: History["gates"]): History["gates"] {
  const behind = PHASE_NAMES.slice(0, PHASE_NAMES.indexOf(phase)).map((name) => PHASES[name].gate);
  return Object.fromEntries(Object.entries(gates).filter(([name]) => behind.some((gate) => gate === name)));
}

function without(gates: History["gates"], gate: Gate): History["gates"] {
  return Object.fromEntries(Object.entries(gates).filter(([name]) => name !== gate));
}
