/**
 * What telemetry says of a session, as data: spans that have ended, and measures.
 *
 * @module
 */

/** What is known of a span or a measure. A field that is `undefined` is not sent. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A span that has ended. */
export interface SpanFact {
  readonly kind: "span";
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** 16 hexadecimal digits, the same in whichever run it is told. */
  readonly id: string;
  /** `undefined` for the session itself. */
  readonly parent: string | undefined;
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** What failed goes under `error.type`. */
  readonly attributes: Attributes;
}

/** One value of a metric. */
export interface MeasureFact {
  readonly kind: "measure";
  readonly metric: MetricName;
  readonly value: number;
  readonly attributes: Attributes;
}

/** What telemetry says. */
export type Fact = SpanFact | MeasureFact;

/** A metric. */
export interface Metric {
  readonly unit: string;
  readonly description: string;
  /** Of a histogram; absent for a counter. Those that the conventions name, and on in the same way: an iteration takes up to an hour. */
  readonly buckets?: readonly number[];
}

/**
 * The metrics. Names and boundaries that begin with `gen_ai.` are those of OpenTelemetry's conventions for generative AI:
 * https://github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-metrics.md.
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
