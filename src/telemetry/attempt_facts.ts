/**
 * The attributes of an attempt. None of them is text written by people or agents, except names of agents and models.
 *
 * @module
 */
import type { IterationEnd } from "../workflow/iteration_end.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Usage } from "../workflow/usage.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { plainText } from "../text/terminal_text.ts";
import type { Attributes, MeasureFact, MetricName } from "./fact.ts";

/** How an agent is described. */
export interface AgentKind {
  /** Its name for people. */
  readonly title: string;
  /** Who serves its model, in the words of `gen_ai.provider.name`. */
  readonly modelProvider: string;
}

type Started = Extract<RecordedEvent, { type: "iteration.started" }>;
type Ended = Extract<RecordedEvent, { type: "iteration.ended" }>;

/** What is known when an attempt begins. */
export function attemptAbout({ iteration, attempt, phase, provider, model }: Started, kind?: AgentKind): Attributes {
  return {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.provider.name": kind?.modelProvider ?? nameOf(provider),
    "gen_ai.agent.name": kind?.title ?? nameOf(provider),
    "gen_ai.request.model": nameOf(model),
    "samocode.phase": phase,
    "samocode.iteration": iteration,
    "samocode.attempt": attempt,
  };
}

/** What an attempt used. The conventions count cache reads and writes as input. */
export function usageAbout(usage: Usage): Attributes {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, modelCalls, costUsd, estimatedUsd } = usage;
  return {
    "gen_ai.usage.input_tokens": inputTokens + cacheReadTokens + cacheWriteTokens,
    "gen_ai.usage.output_tokens": outputTokens,
    "gen_ai.usage.cache_read.input_tokens": cacheReadTokens,
    "gen_ai.usage.cache_creation.input_tokens": cacheWriteTokens,
    "samocode.model_calls": modelCalls,
    "samocode.cost.amount": costUsd ?? estimatedUsd,
    "samocode.cost.source": costUsd !== undefined ? "provider" : estimatedUsd !== undefined ? "local" : undefined,
  };
}

/** How an attempt ended. */
export function endAbout({ end, denials }: Ended): Attributes {
  return { "samocode.end": end.kind, "samocode.denials": denials, "error.type": errorType(end) };
}

/** `undefined` if nothing went wrong: it finished, or a person or the budget ended it. */
function errorType(end: IterationEnd): string | undefined {
  switch (end.kind) {
    case "finished":
    case "aborted":
    case "over-budget":
      return undefined;
    case "crashed":
      return end.cause;
    case "timed-out":
    case "stalled":
    case "not-found":
    case "rate-limited":
      return end.kind;
  }
}

/** The attributes of metrics: few values, since each combination is a series. */
const IDENTITY = [
  ...["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.agent.name"],
  ...["gen_ai.request.model", "gen_ai.response.model", "samocode.phase"],
];

/** The attributes of an attempt's metrics. */
export function identity(about: Attributes): Attributes {
  return Object.fromEntries(IDENTITY.map((name) => [name, about[name]]));
}

/** Makes a measurement. */
export function measured(metric: MetricName, value: number, attributes: Attributes): MeasureFact {
  return { kind: "measure", metric, value, attributes };
}

/** Longer names are cut. */
const MAX_NAME = 100;

/** Cleans a name that an agent or another program gave; `undefined` if it is empty. */
export function nameOf(text = ""): string | undefined {
  return plainText(hideSecrets(text), MAX_NAME) || undefined;
}
