/**
 * Passes facts to the OpenTelemetry SDK, which batches spans, bounds its queues, aggregates metrics and serializes OTLP.
 * This is by far the largest part of telemetry, so it is loaded only if an endpoint is set.
 *
 * @module
 */
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import {
  type ISerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { unlessFailing } from "../text/errors.ts";
import { type Attributes, type Fact, type Metric, METRICS, type SpanFact } from "./fact.ts";
import { send, type SendOptions } from "./send.ts";
import type { Target, TelemetrySettings } from "./settings.ts";

/** Options of the exporters. */
export interface ExporterOptions extends TelemetrySettings {
  readonly version: string;
  readonly fetch?: typeof globalThis.fetch;
  /** How often metrics are sent, in milliseconds. The specification's default. */
  readonly intervalMs?: number;
}

/** Sends facts. */
export interface Exporters {
  tell(fact: Fact): void;
  /**
   * Sends what is pending, within a time limit.
   *
   * @returns What could not be sent, in words; empty if everything was.
   */
  close(withinMs: number): Promise<string>;
}

/** The result of an export, as the SDK's exporters give it: 0 for success, 1 for failure. */
type Done = (result: { readonly code: 0 | 1; readonly error?: Error }) => void;

/** Counts exports, and remembers why one failed. */
interface Tally {
  tried: number;
  failed: number;
  why: string;
}

/** Opens the exporters. Nothing is sent before the first fact. */
export function openExporters({ traces, metrics, ...options }: ExporterOptions): Exporters {
  const { version, resource: own, temporality, fetch = globalThis.fetch, intervalMs = 60_000 } = options;
  const resource = defaultResource().merge(resourceFromAttributes(own));
  const stop = new AbortController();
  const hurry = new AbortController();
  const tally: Tally = { tried: 0, failed: 0, why: "" };
  const exporterTo = <Data>(target: Target, { json, protobuf }: Serializers<Data>) => {
    const serializer = target.format === "json" ? json : protobuf;
    return {
      export: (data: Data, done: Done) => {
        void exportTo(target, { data, serializer, tally, fetch, abort: stop.signal, hurry: hurry.signal }).then(done);
      },
      shutdown: () => Promise.resolve(),
      forceFlush: () => Promise.resolve(),
    };
  };
  let next: Pick<SpanFact, "trace" | "id"> = { trace: "", id: "" };
  const tracers = traces && new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => next.trace, generateSpanId: () => next.id },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: exporterTo(traces, { json: JsonTraceSerializer, protobuf: ProtobufTraceSerializer }),
        scheduledDelayMillis: 1_000,
        exportTimeoutMillis: traces.timeoutMs + SLACK_MS,
      }),
    ],
  });
  const meters = metrics && new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: {
          ...exporterTo(metrics, { json: JsonMetricsSerializer, protobuf: ProtobufMetricsSerializer }),
          selectAggregationTemporality: () => AggregationTemporality[temporality === "delta" ? "DELTA" : "CUMULATIVE"],
        },
        exportIntervalMillis: Math.max(intervalMs, metrics.timeoutMs + SLACK_MS),
        exportTimeoutMillis: metrics.timeoutMs + SLACK_MS,
      }),
    ],
  });
  const tracer = tracers?.getTracer("samocode", version);
  const meter = meters?.getMeter("samocode", version);
  const instruments = new Map(
    Object.entries<Metric>(METRICS).map(([name, { buckets, ...about }]): [string, Measure] => {
      if (buckets === undefined) {
        const counter = meter?.createCounter(name, about);
        return [name, (value, attributes) => counter?.add(value, attributes)];
      }
      const advice = { explicitBucketBoundaries: [...buckets] };
      const histogram = meter?.createHistogram(name, { ...about, advice });
      return [name, (value, attributes) => histogram?.record(value, attributes)];
    }),
  );
  const tellSpan = (fact: SpanFact): void => {
    const attributes = known(fact.attributes);
    const { trace: traceId, parent: spanId } = fact;
    const context = spanId === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
    next = fact;
    const span = tracer?.startSpan(fact.name, { startTime: new Date(fact.startedAt), attributes }, context);
    if ("error.type" in attributes) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end(new Date(fact.endedAt));
  };

  return {
    tell(fact): void {
      if (fact.kind === "span") tellSpan(fact);
      else instruments.get(fact.metric)?.(fact.value, known(fact.attributes));
    },
    async close(withinMs): Promise<string> {
      hurry.abort();
      const late = setTimeout(() => stop.abort(), withinMs);
      await Promise.allSettled([tracers?.shutdown(), meters?.shutdown()]);
      clearTimeout(late);
      const { tried, failed, why } = tally;
      return failed === 0 ? "" : `${failed} of ${tried} requests failed, the last one at ${why}`;
    },
  };
}

type Measure = (value: number, attributes: ReturnType<typeof known>) => void;

/** Added to a request's time limit for the work of the SDK around it. */
const SLACK_MS = 1_000;

interface Serializers<Data> {
  readonly json: ISerializer<Data, Answer>;
  readonly protobuf: ISerializer<Data, Answer>;
}

/** A response that reports rejected items. */
interface Answer {
  readonly partialSuccess?: { readonly rejectedSpans?: number; readonly rejectedDataPoints?: number };
}

async function exportTo<Data>(
  target: Target,
  { data, serializer, tally, ...options }: SendOptions & {
    readonly data: Data;
    readonly serializer: ISerializer<Data, Answer>;
    readonly tally: Tally;
  },
): Promise<Parameters<Done>[0]> {
  const body = serializer.serializeRequest(data);
  if (body === undefined) return { code: 0 };
  tally.tried++;
  const sent = await send(target, new Uint8Array(body), options);
  const why = sent.ok ? whyRejected(serializer, sent.answer) : sent.why;
  if (why === undefined) return { code: 0 };
  tally.failed++;
  tally.why = `${new URL(target.url).origin}: ${why}`;
  return { code: 1, error: new Error(why) };
}

function whyRejected<Data>(serializer: ISerializer<Data, Answer>, answer: Uint8Array): string | undefined {
  // An invalid response is no reason to report a failure.
  const { partialSuccess } = unlessFailing(() => serializer.deserializeResponse(answer)) ?? {};
  const rejected = Number(partialSuccess?.rejectedSpans ?? partialSuccess?.rejectedDataPoints ?? 0);
  return rejected > 0 ? `${rejected} items rejected` : undefined;
}

function known(attributes: Attributes): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => value === undefined ? [] : [[name, value] as const]),
  );
}
