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

/** Not checked by its kind: other programs read the same variables, and nobody's session waits for telemetry. */
function userText(name: string, help: string, isRare = false): UserText {
  return { name, kind: "text", default: "", place: "user", isRare, help };
}

function exporterRows(part: "" | "TRACES_" | "METRICS_"): ExporterRows {
  const name = (suffix: string): string => `OTEL_EXPORTER_OTLP_${part}${suffix}`;
  const isRare = part !== "";
  const what = { "": "traces and metrics", TRACES_: "traces alone", METRICS_: "metrics alone" }[part];
  const row = (suffix: string, help: string): UserText =>
    userText(name(suffix), isRare ? `What ${name(suffix).replace(part, "")} is for both, for ${what}` : help, isRare);
  return {
    endpoint: row(
      "ENDPOINT",
      "Where OpenTelemetry traces and metrics of your sessions go, as in http://localhost:4318",
    ),
    headers: {
      name: name("HEADERS"),
      kind: "secret",
      default: "",
      place: "user",
      isRare,
      help: `Headers that are sent with ${what}, as in Authorization=Bearer%20KEY`,
    },
    protocol: row("PROTOCOL", "Their form: http/protobuf, which is the default, or http/json"),
    timeout: row("TIMEOUT", "How long sending them may take at a time, in milliseconds; 10000 by default"),
  };
}

/** Its rows: of both signals, of each, and the rest. */
export const TELEMETRY_SETTINGS = {
  both: exporterRows(""),
  traces: exporterRows("TRACES_"),
  metrics: exporterRows("METRICS_"),
  other: {
    isDisabled: userText("OTEL_SDK_DISABLED", "Whether nothing is sent, whatever else is set: true or false"),
    serviceName: userText("OTEL_SERVICE_NAME", "What the sender is called there; samocode by default"),
    resource: userText("OTEL_RESOURCE_ATTRIBUTES", "What is known of the sender, as in team=web,host.name=mini"),
    temporality: userText(
      "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
      "How metrics add up: cumulative, as Prometheus wants them and by default, or delta",
      true,
    ),
  },
} as const satisfies Readonly<Record<string, SettingRows>>;

/** The values of all rows. */
export type TelemetryValues = {
  readonly [Part in keyof typeof TELEMETRY_SETTINGS]: SettingValues<(typeof TELEMETRY_SETTINGS)[Part]>;
};

/**
 * Reads what is to be sent where.
 *
 * @param warn Called with what is wrong with a value: then nothing is sent where it counts.
 * @returns `undefined` if nothing is to be sent.
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
    // `lowmemory` is delta for all that samocode counts.
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
    warn(`No ${signal} are sent: ${name} ${problem}`);
    return undefined;
  };
  const url = URL.canParse(endpoint.value) ? new URL(endpoint.value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return off(endpoint.name, "is not a URL. Use one that begins with https:// or http://");
  }
  if (url.username !== "" || url.password !== "") {
    return off(endpoint.name, `holds a password. Put it into ${TELEMETRY_SETTINGS.both.headers.name}`);
  }
  const protocol = pick("protocol");
  const format = FORMATS.get(protocol.value === "" ? "http/protobuf" : protocol.value);
  if (format === undefined) {
    return off(protocol.name, `is none that is spoken here. Use ${[...FORMATS.keys()].join(" or ")}`);
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
    return off(pick("headers").name, "has what no header may have. Use NAME=VALUE,NAME=VALUE with %20 for a space");
  }
  if (own.endpoint === "") url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/${signal}`;
  return { url: url.href, headers, format, timeoutMs };
}

/** Reads `name=value,name=value`, percent-encoded, as the W3C's Baggage is written; what is no pair is left out. */
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
