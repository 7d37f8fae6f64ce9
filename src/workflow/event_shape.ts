/**
 * The shape of each event, for what reads a journal: an agent or an editor can put anything into a line of it.
 *
 * Written by hand and not as a schema: a journal may have 100,000 lines, and every start reads one.
 *
 * @module
 */
import { GATES, WAITS } from "./gates.ts";
import type { CrashCause } from "./iteration_end.ts";
import { PHASE_NAMES } from "./phases.ts";
import type { AgentEvent, SessionEvent } from "./session_event.ts";
import type { Need } from "./signal.ts";

/** Tells whether a value has the type of an event, and its shape. A field too many does no harm. */
export function hasEventShape(event: object): boolean {
  const fields = "type" in event && typeof event.type === "string" ? FIELDS.get(event.type) : undefined;
  return fields !== undefined && hasFields(event, fields);
}

type Check = (value: unknown) => boolean;
/** A check for each field; one that is missing here does not compile. */
type Checks<T> = { readonly [Field in keyof T]-?: Check };
type Fields = readonly (readonly [name: string, check: Check])[];

const text: Check = (value) => typeof value === "string";
/** `1e999` is JSON, too. */
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const flag: Check = (value) => typeof value === "boolean";
const optional = (check: Check): Check => (value) => value === undefined || check(value);
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const oneOf = (names: Iterable<string>): Check => {
  const known: ReadonlySet<unknown> = new Set(names);
  return (value) => known.has(value);
};
const nameIn = (table: Readonly<Record<string, unknown>>): Check => oneOf(Object.keys(table));

function record<T extends object>(checks: Checks<T>): Check {
  const fields: Fields = Object.entries<Check>({ ...checks });
  return (value) => typeof value === "object" && value !== null && hasFields(value, fields);
}

/** One of several shapes, told apart by the text in one field. */
function variant<Tag extends string, T extends { readonly [Key in Tag]: string }>(
  tag: Tag,
  shapes: { readonly [Name in T[Tag]]: Checks<Omit<Extract<T, { readonly [Key in Tag]: Name }>, Tag>> },
): Check {
  const checks = new Map<unknown, Check>(
    Object.entries<Checks<object>>({ ...shapes }).map(([name, fields]) => [name, record(fields)]),
  );
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    return checks.get(Reflect.get(value, tag))?.(value) ?? false;
  };
}

function hasFields(value: object, fields: Fields): boolean {
  for (const [name, check] of fields) {
    if (!check(Reflect.get(value, name))) return false;
  }
  return true;
}

type Event<Type extends SessionEvent["type"]> = Extract<SessionEvent, { readonly type: Type }>;

const phase = oneOf(PHASE_NAMES);
const gate = nameIn(GATES);
const waitFor = nameIn(WAITS);
const NEEDS: Readonly<Record<Need, true>> = {
  human_decision: true,
  clarification: true,
  error_resolution: true,
  investigation: true,
};
const CAUSES: Readonly<Record<CrashCause, true>> = {
  auth: true,
  billing: true,
  request: true,
  service: true,
  turns: true,
  setup: true,
  interrupted: true,
  unknown: true,
};

const workplace = record<Event<"session.prepared">["workplace"]>({
  path: text,
  branch: optional(text),
  base: optional(text),
  note: text,
});

const usage = record<Event<"iteration.ended">["usage"]>({
  costUsd: optional(number),
  inputTokens: number,
  outputTokens: number,
  cacheReadTokens: number,
  cacheWriteTokens: number,
  modelCalls: number,
});

const end = variant<"kind", Event<"iteration.ended">["end"]>("kind", {
  "finished": {},
  "timed-out": { afterMs: number },
  "stalled": { silentMs: number },
  "crashed": { cause: nameIn(CAUSES), detail: text, exitCode: optional(number) },
  "not-found": { binary: text },
  "rate-limited": { until: optional(text), detail: text },
  "aborted": { by: text },
});

const signal = variant<"status", Event<"signal.received">["signal"]>("status", {
  continue: { phase: optional(phase) },
  waiting: { for: waitFor, phase: optional(phase) },
  blocked: { reason: text, needs: nameIn(NEEDS), phase: optional(phase) },
  done: { summary: text, phase: optional(phase) },
});

const outcome = variant<"kind", Event<"session.stopped">["outcome"]>("kind", {
  done: { summary: text },
  waiting: { for: waitFor, gate: optional(gate), detail: text },
  blocked: { reason: text, needs: nameIn({ ...NEEDS, budget: true }) },
  failed: { reason: text },
  stopped: { by: text },
});

const fallback = record<NonNullable<Event<"iteration.retried">["fallback"]>>({
  instead: text,
  provider: text,
  until: optional(text),
});

const AGENT_SHAPES: { readonly [Type in AgentEvent["type"]]: Checks<Omit<Event<Type>, "type">> } = {
  "agent.started": { model: text, version: text, id: text },
  "agent.acted": { tool: text, about: text },
  "agent.said": { text },
  "agent.denied": { tool: text, detail: text },
  "agent.retried": { attempt: number, of: number, delayMs: number, detail: text },
  "agent.limited": { status: text, until: optional(text) },
  "agent.model_changed": { model: text, detail: text },
};

const SHAPES: { readonly [Type in SessionEvent["type"]]: Checks<Omit<Event<Type>, "type">> } = {
  ...AGENT_SHAPES,
  "session.created": { name: text, task: text, dive: text, by: optional(text) },
  "session.prepared": { workplace },
  "session.started": {
    provider: text,
    isProviderNamed: optional(flag),
    version: text,
    pid: number,
    marker: optional(text),
  },
  "session.recovered": { detail: text },
  "journal.repaired": { bytes: number },
  "phase.entered": { phase, from: phase, by: oneOf(["worker", "human"]) },
  "iteration.started": {
    iteration: number,
    attempt: number,
    phase,
    marker: text,
    log: text,
    provider: optional(text),
    model: optional(text),
  },
  "iteration.ended": {
    iteration: number,
    attempt: number,
    phase,
    end,
    durationMs: number,
    usage,
    denials: number,
    unrecorded: number,
  },
  "processes.ended": { pids: listOf(number), detail: text },
  "locks.found": { paths: listOf(text) },
  "signal.received": { signal },
  "signal.refused": { problem: text },
  "iteration.retried": {
    iteration: number,
    attempt: number,
    because: text,
    delayMs: number,
    repair: flag,
    fallback: optional(fallback),
  },
  "gate.reached": {
    gate,
    wants: optional(phase),
    document: optional(text),
    sha256: optional(text),
    openQuestions: optional(number),
  },
  "gate.opened": { gate, by: text, document: optional(text), sha256: optional(text) },
  "answers.given": { ids: listOf(text), by: text },
  "plan.rejected": { feedback: text, by: text },
  "guidance.given": { text, by: text },
  "stop.requested": { by: text, now: flag },
  "listener.failed": { listener: text, detail: text },
  "session.stopped": { outcome, notebookPhase: optional(phase) },
};

const FIELDS: ReadonlyMap<string, Fields> = new Map(
  Object.entries<Checks<object>>(SHAPES).map(([type, checks]) => [type, Object.entries<Check>({ ...checks })]),
);
