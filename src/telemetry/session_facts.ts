/**
 * Turns the events of a session into spans and measurements: a pure fold. The session is a trace, and a span's id is
 * derived from the event that began it, so that a run can end the spans that a dead worker left open.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Outcome } from "../workflow/run_events.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { NO_USAGE, type Usage } from "../workflow/usage.ts";
import { type AgentKind, attemptAbout, endAbout, identity, measured, nameOf, usageAbout } from "./attempt_facts.ts";
import type { Attributes, Fact, MeasureFact, SpanFact } from "./fact.ts";

/** Describes an agent by its name in the journal; `undefined` for an unknown one. */
export type AgentOf = (provider: string) => AgentKind | undefined;

/** What can be open. A pause is between two attempts; a wait, and the wait for a turn, between two runs. */
type Slot = "session" | "run" | "attempt" | "pause" | "check" | "wait" | "turn";

/** A span that has not ended. */
interface Open {
  readonly seq: number;
  readonly at: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly about: Attributes;
}

/** Folds events into facts, in constant memory. */
export class SessionFacts {
  readonly #agentOf: AgentOf;
  readonly #open = new Map<Slot, Open>();
  #trace = "";
  #session = "";
  /** The id of the session's span. */
  #root: string | undefined;
  /** The part of the attempt's usage that is already measured. */
  #told: Usage = NO_USAGE;
  /** When the attempt's worker died. */
  #diedAt: string | undefined;
  /** When the gate opened that the session waits for. */
  #openedAt: string | undefined;
  /** The last sign of life of a worker. */
  #aliveAt = "";

  constructor(agentOf: AgentOf) {
    this.#agentOf = agentOf;
  }

  /** The facts that follow from an event. Ignore those of earlier runs, which have exported them. */
  next(event: RecordedEvent): readonly Fact[] {
    const facts = [...this.#follow(event)];
    const isByPerson = "by" in event && event.by !== undefined && event.by !== "worker";
    if (!isByPerson) this.#aliveAt = event.at;
    return facts;
  }

  *#follow(event: RecordedEvent): Generator<Fact> {
    switch (event.type) {
      case "session.created":
        this.#trace = digest(`${event.chain ?? ""} ${event.at} ${event.name}`, 32);
        this.#session = nameOf(event.name) ?? "";
        this.#root = this.#idOf(event.seq);
        return this.#begin("session", event, { name: "session" });
      case "session.started":
        return yield* this.#startRun(event);
      case "session.queued":
        return this.#begin("turn", event, { name: "wait", about: { "samocode.wait.for": "turn" } });
      case "gate.opened":
        this.#openedAt ??= event.at;
        return;
      case "session.stopped":
        return yield* this.#stopRun(event, event.outcome);
      case "iteration.started": {
        yield* this.#end("pause", event.at);
        this.#told = NO_USAGE;
        const about = attemptAbout(event, this.#agentOf(event.provider ?? ""));
        const name = `invoke_agent ${about["gen_ai.agent.name"] ?? ""}`.trim();
        return this.#begin("attempt", event, { name, about });
      }
      case "agent.started": {
        const { model, version, id } = event;
        return this.#note({
          "gen_ai.response.model": nameOf(model),
          "gen_ai.agent.version": nameOf(version),
          "gen_ai.conversation.id": nameOf(id),
        });
      }
      case "agent.model_changed":
        return this.#note({ "gen_ai.response.model": nameOf(event.model) });
      case "agent.used":
        return yield* this.#tellUsage(event.usage);
      case "iteration.ended":
        return yield* this.#endAttempt(event);
      case "iteration.retried": {
        const { delayMs, wait, fallback } = event;
        if (delayMs === 0 && wait === undefined) return;
        const about = { "samocode.wait.for": wait?.for ?? "retry", "samocode.fallback": nameOf(fallback?.provider) };
        return this.#begin("pause", event, { name: "wait", about });
      }
      case "check.started": {
        const { stage, number, of } = event;
        const about = { "samocode.check.stage": stage, "samocode.check.number": number, "samocode.check.of": of };
        return this.#begin("check", event, { name: "check", about });
      }
      case "check.ended": {
        const { result, exitCode } = event;
        return yield* this.#end("check", event.at, {
          "samocode.check.result": result,
          "process.exit.code": exitCode,
          "error.type": result === "failed" ? "check_failed" : undefined,
        });
      }
    }
  }

  *#startRun(event: Extract<RecordedEvent, { type: "session.started" }>): Generator<Fact> {
    if (this.#open.has("run")) {
      for (const slot of ["pause", "check", "run"] as const) {
        yield* this.#end(slot, this.#aliveAt, { "error.type": "worker_died" });
      }
    }
    // This run ends the attempt once its usage is known, but at the time of its worker's death.
    this.#diedAt = this.#open.has("attempt") ? this.#aliveAt : undefined;
    yield* this.#end("wait", this.#openedAt ?? event.at);
    yield* this.#end("turn", event.at);
    yield* this.#end("session", event.at);
    this.#openedAt = undefined;
    const about = { ...WORKFLOW, "samocode.guard": event.guard?.kind };
    this.#begin("run", event, { name: "invoke_workflow samocode", about });
  }

  *#stopRun(event: RecordedEvent, outcome: Outcome): Generator<Fact> {
    const failed = outcome.kind === "failed" ? "failed" : undefined;
    const what = outcome.kind === "waiting" ? outcome.for : outcome.kind === "blocked" ? "blocked" : undefined;
    const about = { "samocode.outcome": outcome.kind, "samocode.wait.for": what, "error.type": failed };
    yield* this.#end("pause", event.at);
    for (const span of this.#end("run", event.at, about)) {
      const attributes = { ...WORKFLOW, "samocode.outcome": outcome.kind, "error.type": failed };
      yield* [span, measured("gen_ai.workflow.duration", secondsOf(span), attributes)];
    }
    this.#openedAt = undefined;
    if (what !== undefined) this.#begin("wait", event, { name: "wait", about: { "samocode.wait.for": what } });
  }

  *#endAttempt(event: Extract<RecordedEvent, { type: "iteration.ended" }>): Generator<Fact> {
    yield* this.#tellUsage(event.usage);
    const about = { ...usageAbout(event.usage), ...endAbout(event) };
    for (const span of this.#end("attempt", this.#diedAt ?? event.at, about)) {
      yield span;
      const who = { ...identity(span.attributes), "error.type": about["error.type"] };
      yield measured("gen_ai.client.operation.duration", secondsOf(span), who);
      yield measured("gen_ai.invoke_agent.duration", secondsOf(span), who);
      const { costUsd, estimatedUsd } = event.usage;
      const source = { "samocode.cost.source": about["samocode.cost.source"] };
      const cost = costUsd ?? estimatedUsd ?? 0;
      if (cost > 0) yield measured("samocode.cost.usage", cost, { ...identity(span.attributes), ...source });
    }
    this.#diedAt = undefined;
  }

  /** Measures what was used since the last measurement. */
  *#tellUsage(usage: Usage): Generator<MeasureFact> {
    const attempt = this.#open.get("attempt");
    if (attempt === undefined) return;
    for (const [type, count] of [["input", promptTokens], ["output", outputTokens]] as const) {
      const tokens = count(usage) - count(this.#told);
      const who = { ...identity(attempt.about), "gen_ai.token.type": type };
      if (tokens > 0) yield measured("gen_ai.client.token.usage", tokens, who);
    }
    this.#told = usage;
  }

  #begin(
    slot: Slot,
    { seq, at }: RecordedEvent,
    { name, about = {} }: { readonly name: string; readonly about?: Attributes },
  ): void {
    const run = this.#open.get("run");
    const isOfSession = slot === "run" || run === undefined;
    const parent = slot === "session" ? undefined : isOfSession ? this.#root : this.#idOf(run.seq);
    this.#open.set(slot, { seq, at, name, parent, about });
  }

  #note(about: Attributes): void {
    const attempt = this.#open.get("attempt");
    if (attempt !== undefined) this.#open.set("attempt", { ...attempt, about: { ...attempt.about, ...about } });
  }

  *#end(slot: Slot, endedAt: string, about: Attributes = {}): Generator<SpanFact> {
    const open = this.#open.get(slot);
    if (open === undefined) return;
    this.#open.delete(slot);
    yield {
      kind: "span",
      trace: this.#trace,
      id: this.#idOf(open.seq),
      parent: open.parent,
      name: open.name,
      startedAt: open.at,
      // The clock may have been set back.
      endedAt: endedAt < open.at ? open.at : endedAt,
      attributes: { "samocode.session.name": this.#session, ...open.about, ...about },
    };
  }

  #idOf(seq: number): string {
    return digest(`${this.#trace} ${seq}`, 16);
  }
}

const WORKFLOW = { "gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "samocode" } as const;

function secondsOf({ startedAt, endedAt }: SpanFact): number {
  return (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

/** The conventions count cache reads and writes as input. */
function promptTokens({ inputTokens, cacheReadTokens, cacheWriteTokens }: Usage): number {
  return inputTokens + cacheReadTokens + cacheWriteTokens;
}

function outputTokens(usage: Usage): number {
  return usage.outputTokens;
}

function digest(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
