/**
 * The variables of OpenTelemetry that samocode reads, under their own names and with their own meanings: see
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and .../otel/configuration/sdk-environment-variables/.
 *
 * @module
 */
import type { SettingRow, SettingRows, SettingValues } from "../contract/setting_row.ts";

/** Where one signal is sent. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly format: "protobuf" | "json";
  /** For one request with its retries. */
  readonly timeoutMs: number;
}

/** What is sent, and where. */
export interface TelemetrySettings {
  readonly traces: Target | undefined;
  readonly metrics: Target | undefined;
  /** Attributes of the resource, `service.name` among them. */
  readonly resource: Readonly<Record<string, string>>;
  readonly temporality: "cumulative" | "delta";
}

type Signal = "traces" | "metrics";

type ExporterRows = {
  readonly endpoint: UserText;
  readonly headers: SettingRow & { readonly kind: "secret" };
  readonly protocol: UserText;
  readonly timeout: UserText;
};

interface UserText extends SettingRow {
  readonly kind: "text";
}

/** Plain text, so that an invalid value only warns: other programs read the same variables. */
function userText(name: string, help: string, isRare = false): UserText {
  return { name, kind: "text", default: "", place: "user", isRare, help };
}

function exporterRows(part: "" | "TRACES_" | "METRICS_"): ExporterRows {
  const name = (suffix: string): string => `OTEL_EXPORTER_OTLP_${part}${suffix}`;
  const isRare = part !== "";
  const what = { "": "traces and metrics", TRACES_: "traces only", METRICS_: "metrics only" }[part];
  const row = (suffix: string, help: string): UserText =>
    userText(name(suffix), isRare ? `${name(suffix).replace(part, "")} for ${what}` : help, isRare);
  return {
    endpoint: row(
      "ENDPOINT",
      "Endpoint for OpenTelemetry traces and metrics of your sessions, such as http://localhost:4318",
    ),
    headers: {
      name: name("HEADERS"),
      kind: "secret",
      default: "",
      place: "user",
      isRare,
      help: `Headers to send with ${what}, such as Authorization=Bearer%20KEY`,
    },
    protocol: row("PROTOCOL", "Wire format of telemetry: http/protobuf (the default) or http/json"),
    timeout: row("TIMEOUT", "Time limit for one export of telemetry, in milliseconds; 10000 by default"),
  };
}

/** Its rows: of both signals, of each, and the rest. */
export const TELEMETRY_SETTINGS = {
  both: exporterRows(""),
  traces: exporterRows("TRACES_"),
  metrics: exporterRows("METRICS_"),
  other: {
    isDisabled: userText("OTEL_SDK_DISABLED", "Turns telemetry off if true, whatever else is set"),
    serviceName: userText("OTEL_SERVICE_NAME", "Service name in traces and metrics; samocode by default"),
    resource: userText(
      "OTEL_RESOURCE_ATTRIBUTES",
      "Extra resource attributes for telemetry, such as team=web,host.name=mini",
    ),
    temporality: userText(
      "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
      "Temporality of metrics: cumulative (the default) or delta",
      true,
    ),
  },
} as const satisfies Readonly<Record<string, SettingRows>>;

/** The values of all rows. */
export type TelemetryValues = {
  readonly [Part in keyof typeof TELEMETRY_SETTINGS]: SettingValues<(typeof TELEMETRY_SETTINGS)[Part]>;
};

/**
 * Reads what to send, and where.
 *
 * @param warn Called for each signal that an invalid value turns off.
 * @returns `undefined` if there is nothing to send.
 */
export function readTelemetry(values: TelemetryValues, warn: (text: string) => void): TelemetrySettings | undefined {
  const { isDisabled, serviceName, resource, temporality } = values.other;
  if (isDisabled.toLowerCase() === "true") return undefined;
  const traces = readTarget("traces", values, warn);
  const metrics = readTarget("metrics", values, warn);
  if (traces === undefined && metrics === undefined) return undefined;
  const { "service.name": named = "samocode", ...attributes } = readPairs(resource);
  return {
    traces,
    metrics,
    resource: { "service.name": serviceName === "" ? named : serviceName, ...attributes },
    // For counters and histograms, `lowmemory` means delta.
    temporality: /^(?:delta|lowmemory)$/i.test(temporality) ? "delta" : "cumulative",
  };
}

const FORMATS: ReadonlyMap<string, Target["format"]> = new Map([["http/protobuf", "protobuf"], ["http/json", "json"]]);

/** The default of the specification, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** The longest that a timer can wait: 2³¹−1 ms. */
const MAX_TIMEOUT_MS = 2_147_483_647;

function readTarget(signal: Signal, values: TelemetryValues, warn: (text: string) => void): Target | undefined {
  const { both, [signal]: own } = values;
  const pick = (field: keyof ExporterRows): { readonly name: string; readonly value: string } => {
    const part = own[field] === "" ? "both" : signal;
    return { name: TELEMETRY_SETTINGS[part][field].name, value: values[part][field] };
  };
  const endpoint = pick("endpoint");
  if (endpoint.value === "") return undefined;
  const off = (name: string, problem: string): undefined => {
    warn(`Telemetry without ${signal}: ${name} ${problem}`);
    return undefined;
  };
  const url = URL.canParse(endpoint.value) ? new URL(endpoint.value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return off(endpoint.name, "is not a URL. Use one that begins with https:// or http://");
  }
  if (url.username !== "" || url.password !== "") {
    return off(endpoint.name, `contains a password. Move it to ${TELEMETRY_SETTINGS.both.headers.name}`);
  }
  const protocol = pick("protocol");
  const format = FORMATS.get(protocol.value === "" ? "http/protobuf" : protocol.value);
  if (format === undefined) {
    return off(protocol.name, `is not supported. Use ${[...FORMATS.keys()].join(" or ")}`);
  }
  const timeout = pick("timeout");
  const timeoutMs = timeout.value === "" ? TIMEOUT_MS : Number(timeout.value);
  if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    return off(timeout.name, "is not a time in milliseconds. Use 10000");
  }
  const headers = { ...readPairs(both.headers), ...readPairs(own.headers) };
  try {
    new Headers(headers);
  } catch {
    return off(pick("headers").name, "is not a list of headers. Use NAME=VALUE,NAME=VALUE, with %20 for a space");
  }
  if (own.endpoint === "") url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/${signal}`;
  return { url: url.href, headers, format, timeoutMs };
}

/** Reads `name=value,name=value`, percent-encoded as in W3C Baggage; invalid pairs are skipped. */
export function readPairs(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(",").flatMap((pair): readonly (readonly [string, string])[] => {
    const [, name = "", value = ""] = /^([^=;]+)=([^;]*)/.exec(pair) ?? [];
    return name.trim() === "" ? [] : [[decoded(name), decoded(value)]];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}
