/**
 * The events of a session: everything that happens, one past-tense fact each. The journal is a list of them, and
 * every listener hears them.
 *
 * @module
 */
import { AGENT_EVENTS, ITERATION_EVENTS } from "./iteration_events.ts";
import { ROUTE_EVENTS } from "./route_events.ts";
import { RUN_EVENTS } from "./run_events.ts";
import { type Check, type Flat, record, type Shape, type Shaped } from "./shape.ts";

/** The event table. To add an event is to add a row to one of these, and a case to every switch over events. */
export const EVENTS = { ...RUN_EVENTS, ...ROUTE_EVENTS, ...ITERATION_EVENTS, ...AGENT_EVENTS } as const;

type EventType = keyof typeof EVENTS;

/** One fact about a session. */
export type SessionEvent = {
  [Type in EventType]: Flat<{ readonly type: Type } & Shaped<(typeof EVENTS)[Type]["shape"]>>;
}[EventType];

/** What a person gives a session to do. */
export type Assignment = Pick<Extract<SessionEvent, { type: "task.given" }>, "task" | "dive" | "light" | "plan">;

/** What an agent does while it works. */
export type AgentEvent = Extract<SessionEvent, { readonly type: `agent.${string}` }>;

/** An event that only moves the views of what goes on now. */
export type PulseEvent = Extract<
  SessionEvent,
  { readonly type: { [Type in EventType]: (typeof EVENTS)[Type]["isPulse"] extends true ? Type : never }[EventType] }
>;

/** An event as it is in the journal. */
export type RecordedEvent = SessionEvent & {
  /** 1, 2, 3, … without a gap. */
  readonly seq: number;
  /** When it was recorded, ISO 8601 in UTC. */
  readonly at: string;
  /** In the event that begins a chain: the id under which samocode keeps the journal's head. */
  readonly chain?: string | undefined;
};

/** The events of one table, as they are in the journal. */
export type RecordedIn<Table> = Extract<RecordedEvent, { readonly type: keyof Table }>;

const CHECKS: ReadonlyMap<unknown, Check<object>> = new Map(
  Object.entries<{ readonly shape: Shape }>(EVENTS).map(([type, { shape }]) => [type, record(shape)]),
);

/** Tells whether a value has the type and the shape of an event. */
export function isSessionEvent(value: object): value is SessionEvent {
  return CHECKS.get(Reflect.get(value, "type"))?.(value) ?? false;
}

/** Tells whether somebody who follows a session wants to see an event. */
export function isNews({ type }: SessionEvent): boolean {
  return EVENTS[type].isNews;
}

/** Tells whether an event only moves the views of what goes on now. */
export function isPulse(event: SessionEvent): event is PulseEvent {
  return EVENTS[event.type].isPulse;
}
