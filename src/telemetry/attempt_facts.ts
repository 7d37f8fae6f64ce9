/**
 * What telemetry says of an attempt. Nothing that people or agents wrote is in it, but for the names of the agent and its
 * model.
 *
 * @module
 */
import type { IterationEnd } from "../workflow/iteration_end.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Usage } from "../workflow/usage.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { plainText } from "../text/terminal_text.ts";
import type { Attributes, MeasureFact, MetricName } from "./fact.ts";

/** What is known of an agent beside its name. */
export interface AgentKind {
  /** Its name for people. */
  readonly title: string;
  /** Who serves its model, as OpenTelemetry names them. */
  readonly modelProvider: string;
}

type Started = Extract<RecordedEvent, { type: "iteration.started" }>;
type Ended = Extract<RecordedEvent, { type: "iteration.ended" }>;

/** What is known when it begins. */
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

/** What it used. The conventions count what was read from the cache or written to it as input, too. */
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

/** How it ended. */
export function endAbout({ end, denials }: Ended): Attributes {
  return { "samocode.end": end.kind, "samocode.denials": denials, "error.type": errorType(end) };
}

/** `undefined` where nothing went wrong: it finished, or somebody or the budget ended it. */
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

/** By what a metric tells attempts apart: few values, since each combination is a series. */
const IDENTITY = [
  ...["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.agent.name"],
  ...["gen_ai.request.model", "gen_ai.response.model", "samocode.phase"],
];

/** What metrics know of an attempt. */
export function identity(about: Attributes): Attributes {
  return Object.fromEntries(IDENTITY.map((name) => [name, about[name]]));
}

/** One value of a metric. */
export function measured(metric: MetricName, value: number, attributes: Attributes): MeasureFact {
  return { kind: "measure", metric, value, attributes };
}

/** Far more than a name has. */
const MAX_NAME = 100;

/** A name that an agent or another program gave; `undefined` for none. */
export function nameOf(text = ""): string | undefined {
  return plainText(hideSecrets(text), MAX_NAME) || undefined;
}
