/**
 * What is exported of a session, as plain data: ended spans and measurements.
 *
 * @module
 */

/** Attributes of a span or measurement; `undefined` ones are not sent. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A span that has ended. */
export interface SpanFact {
  readonly kind: "span";
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** 16 hexadecimal digits, the same in every run that derives it. */
  readonly id: string;
  /** `undefined` for the session itself. */
  readonly parent: string | undefined;
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** A failed span has an `error.type`. */
  readonly attributes: Attributes;
}

/** A measurement. */
export interface MeasureFact {
  readonly kind: "measure";
  readonly metric: MetricName;
  readonly value: number;
  readonly attributes: Attributes;
}

/** A span or a measurement. */
export type Fact = SpanFact | MeasureFact;

/** A metric. */
export interface Metric {
  readonly unit: string;
  readonly description: string;
  /** The boundaries of a histogram; absent for a counter. */
  readonly buckets?: readonly number[];
}

/**
 * All metrics. Those beginning with `gen_ai.` follow https://github.com/open-telemetry/semantic-conventions-genai,
 * docs/gen-ai/gen-ai-metrics.md; their boundaries are continued, since an iteration can take an hour.
 */
export const METRICS = {
  "gen_ai.client.token.usage": {
    unit: "{token}",
    description: "Number of input and output tokens used.",
    buckets: doubling({ from: 1, times: 4, count: 14 }),
  },
  "gen_ai.client.operation.duration": {
    unit: "s",
    description: "GenAI operation duration.",
    buckets: doubling({ from: 0.01, times: 2, count: 20 }),
  },
  "gen_ai.invoke_agent.duration": {
    unit: "s",
    description: "The end-to-end duration of a single agent invocation.",
    buckets: doubling({ from: 0.1, times: 2, count: 17 }),
  },
  "gen_ai.workflow.duration": {
    unit: "s",
    description: "GenAI workflow duration.",
    buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 28_800],
  },
  "samocode.cost.usage": {
    unit: "USD",
    description: "What agents cost: as reported, else estimated by list price.",
  },
} satisfies Readonly<Record<string, Metric>>;

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;

function doubling(
  { from, times, count }: { readonly from: number; readonly times: number; readonly count: number },
): readonly number[] {
  return Array.from({ length: count }, (_, index) => Number((from * times ** index).toPrecision(12)));
}
