import assert from "node:assert/strict";
import { METRICS } from "../../src/telemetry/fact.ts";
import type { Fact, SpanFact } from "../../src/telemetry/fact.ts";
import { type ExporterOptions, openExporters } from "../../src/telemetry/exporters.ts";
import type { Target } from "../../src/telemetry/settings.ts";
import { Collector } from "../helpers/collector.ts";

const SPAN: SpanFact = {
  kind: "span",
  trace: "0123456789abcdef0123456789abcdef",
  id: "0123456789abcdef",
  parent: undefined,
  name: "session",
  startedAt: "2026-11-20T10:00:00.000Z",
  endedAt: "2026-11-20T10:00:01.500Z",
  attributes: {
    "samocode.session.name": "tally",
    "samocode.iteration": 3,
    "samocode.cost.amount": 0.25,
    none: undefined,
  },
};

const FACTS: readonly Fact[] = [
  SPAN,
  { ...SPAN, id: "fedcba9876543210", parent: SPAN.id, name: "check", attributes: { "error.type": "check_failed" } },
  { kind: "measure", metric: "gen_ai.client.token.usage", value: 1500, attributes: { "gen_ai.token.type": "input" } },
  { kind: "measure", metric: "gen_ai.client.token.usage", value: 500, attributes: { "gen_ai.token.type": "input" } },
  { kind: "measure", metric: "samocode.cost.usage", value: 0.5, attributes: {} },
  { kind: "measure", metric: "samocode.cost.usage", value: 0.25, attributes: {} },
];

for (const format of ["protobuf", "json"] as const) {
  Deno.test(`openExporters() sends spans under their own ids, and sums of measures, as ${format}`, async () => {
    await using collector = new Collector();
    assert.equal(await tellAll(optionsFor(collector.url, { format })), "");
    const [root, check, ...more] = collector.spans;
    assert.deepEqual(more, []);
    assert.deepEqual(root && { ...root, resource: {} }, {
      traceId: SPAN.trace,
      spanId: SPAN.id,
      parentSpanId: "",
      name: "session",
      startMs: Date.parse(SPAN.startedAt),
      endMs: Date.parse(SPAN.endedAt),
      isError: false,
      attributes: { "samocode.session.name": "tally", "samocode.iteration": 3, "samocode.cost.amount": 0.25 },
      resource: {},
    });
    assert.deepEqual([check?.spanId, check?.parentSpanId, check?.isError], ["fedcba9876543210", SPAN.id, true]);
    assert.equal(root?.resource["service.name"], "samocode");
    assert.equal(root?.resource["telemetry.sdk.name"], "opentelemetry");
    const points = collector.points.map(({ metric, unit, sum, count, temporality, attributes }) => ({
      metric,
      unit,
      sum,
      count,
      temporality,
      attributes,
    }));
    assert.deepEqual(points, [
      {
        metric: "gen_ai.client.token.usage",
        unit: "{token}",
        sum: 2000,
        count: 2,
        temporality: "cumulative",
        attributes: { "gen_ai.token.type": "input" },
      },
      {
        metric: "samocode.cost.usage",
        unit: "USD",
        sum: 0.75,
        count: undefined,
        temporality: "cumulative",
        attributes: {},
      },
    ]);
    assert.deepEqual(collector.points[0]?.bounds, METRICS["gen_ai.client.token.usage"].buckets);
  });
}

Deno.test("openExporters() sends each signal to its own place, with its own headers, and only what is wanted", async () => {
  await using collector = new Collector();
  const options = optionsFor(collector.url, { headers: { authorization: "Bearer k" } });
  assert.equal(await tellAll({ ...options, metrics: undefined, temporality: "delta" }), "");
  assert.deepEqual(collector.requests.map(({ path, headers }) => [path, headers.get("authorization")]), [
    ["/v1/traces", "Bearer k"],
  ]);
  assert.equal(await tellAll({ ...options, traces: undefined, temporality: "delta" }), "");
  assert.deepEqual(collector.requests.map(({ path }) => path), ["/v1/traces", "/v1/metrics"]);
  assert.deepEqual(new Set(collector.points.map(({ temporality }) => temporality)), new Set(["delta"]));
});

async function tellAll(options: ExporterOptions): Promise<string> {
  const exporters = openExporters(options);
  for (const fact of FACTS) exporters.tell(fact);
  return await exporters.close(3_000);
}

function optionsFor(url: string, target: Partial<Target> = {}): ExporterOptions {
  const to = (signal: string): Target => ({
    url: `${url}/v1/${signal}`,
    headers: {},
    format: "protobuf",
    timeoutMs: 1_000,
    ...target,
  });
  return {
    version: "1.2.3",
    traces: to("traces"),
    metrics: to("metrics"),
    resource: { "service.name": "samocode" },
    temporality: "cumulative",
  };
}
