/**
 * What the events of an agent at work add to the history.
 *
 * @module
 */
import type { Doing } from "./attempt.ts";
import type { History } from "./history.ts";
import type { AGENT_EVENTS } from "./iteration_events.ts";
import type { RecordedIn } from "./session_event.ts";

/** How many of an agent's last acts the next one is told. */
export const KEPT_ACTS = 12;

/** Adds one of these events to a history. */
export function foldAgent(history: History, event: RecordedIn<typeof AGENT_EVENTS>): History {
  switch (event.type) {
    case "agent.acted":
      return acted(seen(history, "acting"), `${event.tool} ${event.about}`.trim());
    case "agent.said":
      // What it says in between does not begin its thinking anew.
      return acted(history.doing?.kind === "thinking" ? history : seen(history, "thinking"), event.text);
    case "agent.used":
      return { ...history, attempt: history.attempt && { ...history.attempt, used: event.usage, seenAt: event.at } };
    case "agent.started":
    case "agent.resumed":
      return seen(history, "thinking");
    case "agent.retried":
      return seen(history, "retrying");
    case "agent.denied":
    case "agent.limited":
    case "agent.model_changed":
      return history;
  }
}

/** What an agent does from the last event on. */
function seen(history: History, kind: Doing["kind"]): History {
  const { attempt, lastAt: since = "" } = history;
  return { ...history, doing: { kind, since }, attempt: attempt && { ...attempt, seenAt: since } };
}

/** Into the new history itself: of these events there are most, and each copy of it is garbage. */
function acted(fresh: History, activity: string): History {
  return Object.assign(fresh, { activity, lastActs: [...fresh.lastActs.slice(1 - KEPT_ACTS), activity] });
}
