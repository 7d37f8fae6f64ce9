/**
 * Reads OTLP as a collector does: protobuf by the field numbers of its definition, JSON by its names. Neither Debian nor
 * npm has a collector that takes it. Both give the same values, so each format is the other's oracle.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A span as it arrived. */
export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isError: boolean;
  readonly attributes: Values;
  readonly resource: Values;
}

/** A series of a metric as it arrived. */
export interface SeenPoint {
  readonly metric: string;
  readonly unit: string;
  readonly temporality: "delta" | "cumulative";
  readonly attributes: Values;
  readonly resource: Values;
  /** Of a counter its value, of a histogram its sum. */
  readonly sum: number;
  /** Of a histogram. */
  readonly count: number | undefined;
  readonly bounds: readonly number[];
}

/** Attributes by name. */
export type Values = Readonly<Record<string, string | number | boolean>>;

/** Reads the spans of an export. */
export function readSpans(body: Uint8Array, isJson: boolean): readonly SeenSpan[] {
  const request = isJson ? parseJson(body) : decode(body, TRACES);
  return list(request, "resourceSpans").flatMap((group) =>
    list(group, "scopeSpans").flatMap((scope) =>
      list(scope, "spans").map((span): SeenSpan => ({
        traceId: text(span, "traceId"),
        spanId: text(span, "spanId"),
        parentSpanId: text(span, "parentSpanId"),
        name: text(span, "name"),
        startMs: number(span, "startTimeUnixNano") / 1e6,
        endMs: number(span, "endTimeUnixNano") / 1e6,
        isError: number(one(span, "status"), "code") === 2,
        attributes: attributes(span),
        resource: attributes(one(group, "resource")),
      }))
    )
  );
}

/** Reads the points of an export. */
export function readPoints(body: Uint8Array, isJson: boolean): readonly SeenPoint[] {
  const request = isJson ? parseJson(body) : decode(body, METRICS);
  return list(request, "resourceMetrics").flatMap((group) =>
    list(group, "scopeMetrics").flatMap((scope) =>
      list(scope, "metrics").flatMap((metric) => {
        const data = "sum" in metric ? one(metric, "sum") : one(metric, "histogram");
        return list(data, "dataPoints").map((point): SeenPoint => ({
          metric: text(metric, "name"),
          unit: text(metric, "unit"),
          temporality: number(data, "aggregationTemporality") === 1 ? "delta" : "cumulative",
          attributes: attributes(point),
          resource: attributes(one(group, "resource")),
          sum: "asDouble" in point
            ? number(point, "asDouble")
            : "asInt" in point
            ? number(point, "asInt")
            : number(point, "sum"),
          count: "count" in point ? number(point, "count") : undefined,
          bounds: numbers(point, "explicitBounds"),
        }));
      })
    )
  );
}

/**
 * Checks that a trace is whole: one root, every parent there, every id once, and no child before its parent began.
 *
 * @returns The root.
 */
export function checkWhole(spans: readonly SeenSpan[]): SeenSpan {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  assert.equal(byId.size, spans.length, "each span arrived once");
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1, "one trace");
  for (const { name, traceId, spanId, startMs, endMs, parentSpanId } of spans) {
    assert.match(traceId, /^(?!0+$)[0-9a-f]{32}$/);
    assert.match(spanId, /^(?!0+$)[0-9a-f]{16}$/);
    assert.ok(endMs >= startMs, name);
    if (parentSpanId === "") continue;
    const parent = byId.get(parentSpanId) ?? assert.fail(`${name} has a parent that did not arrive`);
    assert.ok(startMs >= parent.startMs, name);
  }
  const [root, ...more] = spans.filter(({ parentSpanId }) => parentSpanId === "");
  assert.deepEqual(more, []);
  return root ?? assert.fail("there is a root");
}

interface Message {
  readonly [field: string]: unknown;
}

function parseJson(body: Uint8Array): Message {
  return asMessage(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)));
}

function asMessage(value: unknown): Message {
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value));
  return Object.fromEntries(Object.entries(value));
}

function one(message: Message, field: string): Message {
  return asMessage(message[field] ?? {});
}

function list(message: Message, field: string): readonly Message[] {
  const found = message[field] ?? [];
  assert.ok(Array.isArray(found), field);
  return found.map(asMessage);
}

function numbers(message: Message, field: string): readonly number[] {
  const found = message[field] ?? [];
  assert.ok(Array.isArray(found), field);
  return found.map(Number);
}

function text(message: Message, field: string): string {
  const found = message[field] ?? "";
  assert.ok(typeof found === "string", field);
  return found;
}

/** In JSON, 64 bits are a string. */
function number(message: Message, field: string): number {
  const found = Number(message[field] ?? 0);
  assert.ok(!Number.isNaN(found), field);
  return found;
}

function attributes(message: Message): Values {
  return Object.fromEntries(
    list(message, "attributes").map((pair) => {
      const [[kind, value] = []] = Object.entries(one(pair, "value"));
      switch (kind) {
        case "stringValue":
          return [text(pair, "key"), String(value)];
        case "boolValue":
          return [text(pair, "key"), value === true];
        case "intValue":
        case "doubleValue":
          return [text(pair, "key"), Number(value)];
        default:
          assert.fail(`${text(pair, "key")} is a ${kind}`);
      }
    }),
  );
}

type Scalar = "string" | "hex" | "varint" | "bool" | "fixed64" | "fixed32" | "double" | "doubles" | "fixed64s";
type Field = readonly [name: string, type: Scalar | Schema | readonly [Schema]];

/** By field number; see https://github.com/open-telemetry/opentelemetry-proto/tree/v1.7.0/opentelemetry/proto. */
interface Schema {
  readonly [field: number]: Field;
}

const VALUE: Schema = {
  1: ["stringValue", "string"],
  2: ["boolValue", "bool"],
  3: ["intValue", "varint"],
  4: ["doubleValue", "double"],
};
const PAIR: Schema = { 1: ["key", "string"], 2: ["value", VALUE] };
const RESOURCE: Schema = { 1: ["attributes", [PAIR]], 2: ["droppedAttributesCount", "varint"] };
const SCOPE: Schema = { 1: ["name", "string"], 2: ["version", "string"] };
const SPAN: Schema = {
  1: ["traceId", "hex"],
  2: ["spanId", "hex"],
  4: ["parentSpanId", "hex"],
  5: ["name", "string"],
  6: ["kind", "varint"],
  7: ["startTimeUnixNano", "fixed64"],
  8: ["endTimeUnixNano", "fixed64"],
  9: ["attributes", [PAIR]],
  10: ["droppedAttributesCount", "varint"],
  12: ["droppedEventsCount", "varint"],
  14: ["droppedLinksCount", "varint"],
  15: ["status", { 2: ["message", "string"], 3: ["code", "varint"] }],
  16: ["flags", "fixed32"],
};
const TRACES: Schema = {
  1: ["resourceSpans", [{
    1: ["resource", RESOURCE],
    2: ["scopeSpans", [{ 1: ["scope", SCOPE], 2: ["spans", [SPAN]] }]],
  }]],
};
const TIMES: Schema = { 2: ["startTimeUnixNano", "fixed64"], 3: ["timeUnixNano", "fixed64"] };
const NUMBER_POINT: Schema = {
  ...TIMES,
  4: ["asDouble", "double"],
  6: ["asInt", "fixed64"],
  7: ["attributes", [PAIR]],
};
const HISTOGRAM_POINT: Schema = {
  ...TIMES,
  4: ["count", "fixed64"],
  5: ["sum", "double"],
  6: ["bucketCounts", "fixed64s"],
  7: ["explicitBounds", "doubles"],
  9: ["attributes", [PAIR]],
  11: ["min", "double"],
  12: ["max", "double"],
};
const METRIC: Schema = {
  1: ["name", "string"],
  2: ["description", "string"],
  3: ["unit", "string"],
  7: ["sum", {
    1: ["dataPoints", [NUMBER_POINT]],
    2: ["aggregationTemporality", "varint"],
    3: ["isMonotonic", "bool"],
  }],
  9: ["histogram", { 1: ["dataPoints", [HISTOGRAM_POINT]], 2: ["aggregationTemporality", "varint"] }],
};
const METRICS: Schema = {
  1: ["resourceMetrics", [{
    1: ["resource", RESOURCE],
    2: ["scopeMetrics", [{ 1: ["scope", SCOPE], 2: ["metrics", [METRIC]] }]],
  }]],
};

/** Reads a message. A field that is not in the schema, or of another wire type, fails. */
function decode(bytes: Uint8Array, schema: Schema): Message {
  const message: Record<string, unknown> = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  const take = (length: number): Uint8Array => {
    assert.ok(length >= 0 && at + length <= bytes.length, "within the message");
    return bytes.subarray(at, at += length);
  };
  while (at < bytes.length) {
    const tag = varint();
    const [name, type] = schema[tag >>> 3] ?? assert.fail(`field ${tag >>> 3} is not known`);
    const wire = tag & 7;
    const scalar = typeof type === "string" ? type : "message";
    assert.equal(wire, WIRE[scalar], name);
    const value = wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : varint());
    if (typeof type === "string") {
      message[name] = typeof value === "number" ? scalarOf(type, value) : packed(type, value);
    } else if (typeof value === "number") assert.fail(name);
    else if (isRepeated(type)) message[name] = [...list(message, name), decode(value, type[0])];
    else message[name] = decode(value, type);
  }
  return message;
}

const WIRE = {
  ...{ varint: 0, bool: 0, fixed64: 1, double: 1, fixed32: 5 },
  ...{ string: 2, hex: 2, doubles: 2, fixed64s: 2, message: 2 },
} as const;

function isRepeated(type: Schema | readonly [Schema]): type is readonly [Schema] {
  return Array.isArray(type);
}

function scalarOf(type: Scalar, value: number): unknown {
  return type === "bool" ? value === 1 : value;
}

function packed(type: Scalar, bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const each = (read: (at: number) => number): readonly number[] =>
    Array.from({ length: bytes.length / 8 }, (_, index) => read(index * 8));
  switch (type) {
    case "string":
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    case "hex":
      return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    case "fixed64":
      return String(view.getBigUint64(0, true));
    case "fixed32":
      return view.getUint32(0, true);
    case "double":
      return view.getFloat64(0, true);
    case "doubles":
      return each((at) => view.getFloat64(at, true));
    case "fixed64s":
      return each((at) => Number(view.getBigUint64(at, true)));
    default:
      return assert.fail(type);
  }
}
