import assert from "node:assert/strict";
import { loadSettings } from "../../src/settings/load_settings.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { viewTrust } from "../../src/operations/trust_project.ts";
import { readPairs, type TelemetrySettings } from "../../src/telemetry/settings.ts";
import { hideSecrets } from "../../src/text/known_secrets.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

Deno.test("loadSettings() reads where OpenTelemetry's own variables send traces and metrics", () => {
  const both = { headers: {}, format: "protobuf", timeoutMs: 10_000 };
  const rest = { resource: { "service.name": "samocode" }, temporality: "cumulative" };
  assert.deepEqual(read({ [ENDPOINT]: "http://localhost:4318" }), {
    traces: { url: "http://localhost:4318/v1/traces", ...both },
    metrics: { url: "http://localhost:4318/v1/metrics", ...both },
    ...rest,
  });
  assert.deepEqual(read({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://a.org/x" }), {
    traces: { url: "https://a.org/x", ...both },
    metrics: undefined,
    ...rest,
  });
  assert.deepEqual(
    read({
      [ENDPOINT]: "https://a.org/otlp/",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://b.org",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20k, x-team = web ,,=none",
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: "authorization=Basic%20m",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_TIMEOUT: "250",
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "5000",
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "Delta",
      OTEL_SERVICE_NAME: "nights",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=lost,team=web%2Cfront",
      OTEL_SDK_DISABLED: "false",
    }),
    {
      traces: {
        url: "https://a.org/otlp/v1/traces",
        headers: { authorization: "Bearer k", "x-team": "web" },
        format: "json",
        timeoutMs: 250,
      },
      metrics: {
        url: "http://b.org/",
        headers: { authorization: "Basic m", "x-team": "web" },
        format: "protobuf",
        timeoutMs: 5000,
      },
      resource: { "service.name": "nights", team: "web,front" },
      temporality: "delta",
    },
  );
  for (const env of [{}, { [ENDPOINT]: " " }, { [ENDPOINT]: "http://a.org", OTEL_SDK_DISABLED: "TRUE" }]) {
    assert.equal(read(env), undefined);
  }
});

Deno.test("loadSettings() sends nothing where a variable of OpenTelemetry means something else, and says so", () => {
  const cases = [
    [{ [ENDPOINT]: "localhost:4317" }, "OTEL_EXPORTER_OTLP_ENDPOINT is not a URL"],
    [{ [ENDPOINT]: "grpc://a.org" }, "OTEL_EXPORTER_OTLP_ENDPOINT is not a URL"],
    [{ [ENDPOINT]: "http://me:pass@a.org" }, "OTEL_EXPORTER_OTLP_ENDPOINT contains a password"],
    [
      { [ENDPOINT]: "http://a.org", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      "OTEL_EXPORTER_OTLP_PROTOCOL is not supported",
    ],
    [{ [ENDPOINT]: "http://a.org", OTEL_EXPORTER_OTLP_TIMEOUT: "soon" }, "OTEL_EXPORTER_OTLP_TIMEOUT is not a time"],
    [{ [ENDPOINT]: "http://a.org", OTEL_EXPORTER_OTLP_HEADERS: "a b=c" }, "OTEL_EXPORTER_OTLP_HEADERS is not a list"],
  ] as const;
  for (const [env, problem] of cases) {
    const { telemetry, warnings } = load({ env });
    assert.equal(telemetry, undefined);
    assert.deepEqual(warnings.map((text) => text.slice(0, text.indexOf(problem) + problem.length)), [
      `Telemetry without traces: ${problem}`,
      `Telemetry without metrics: ${problem}`,
    ]);
    assert.equal(warnings.some((text) => text.includes("pass@")), false);
  }
});

Deno.test("a repository cannot have telemetry sent to its own host, not even once its .env is trusted", () => {
  const mine = `${ENDPOINT}=http://mine.org\n`;
  const theirs = `${ENDPOINT}=http://theirs.org\nOTEL_EXPORTER_OTLP_HEADERS=x=1\nOTEL_RESOURCE_ATTRIBUTES=a=b\n`;
  assert.equal(load({ projects: theirs }).telemetry, undefined);
  const { telemetry } = load({ projects: theirs, own: mine });
  assert.deepEqual([telemetry?.traces?.url, telemetry?.traces?.headers, telemetry?.resource], [
    "http://mine.org/v1/traces",
    {},
    { "service.name": "samocode" },
  ]);
  assert.equal(read({ [ENDPOINT]: "http://env.org" }, mine)?.traces?.url, "http://env.org/v1/traces");
  assert.throws(() => load({ file: mine }), /\.samocode: OTEL_EXPORTER_OTLP_ENDPOINT: this file holds/);
});

Deno.test("a key in the headers is kept out of what is written", () => {
  const key = "0f9d3k2l5m8n7b6v4c1x";
  read({ [ENDPOINT]: "http://a.org", OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${key}` });
  assert.equal(hideSecrets(`it said ${key}`).includes("k2l5m8"), false);
});

Deno.test("readPairs() reads what it can", () => {
  assert.deepEqual(readPairs("a=1,b=%zz,c,=d, e = f=g ;h=i"), { a: "1", b: "%zz", e: "f=g" });
});

function read(env: Readonly<Record<string, string>>, own = ""): TelemetrySettings | undefined {
  const { telemetry, warnings } = load({ env, own });
  assert.deepEqual(warnings, []);
  return telemetry;
}

/** Loads the settings of a project with these files, all of which the user trusts. */
function load({ env = {}, own = "", projects = "", file = "" }: {
  readonly env?: Readonly<Record<string, string>>;
  readonly own?: string;
  readonly projects?: string;
  readonly file?: string;
}): Settings {
  using folder = new TempFolder();
  for (const name of ["repo", "worktrees", "sessions"]) folder.folder("p", name);
  folder.file("p/.samocode", `MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n${file}`);
  folder.file("p/.env", projects);
  folder.file("home/.config/samocode/.env", own);
  const request = { env: { HOME: folder.at("home"), ...env }, workingDirectory: folder.at("p"), config: undefined };
  viewTrust(request).trust();
  return loadSettings({ ...request, flags: {} });
}
