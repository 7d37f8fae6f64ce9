import assert from "node:assert/strict";
import { join } from "node:path";
import { type TelemetryListener, telemetryListener } from "../../src/telemetry/listener.ts";
import type { Target } from "../../src/telemetry/settings.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { type Answering, Collector } from "../helpers/collector.ts";
import { loadedBy } from "../helpers/loaded_modules.ts";
import { recordStory, script } from "../helpers/story_events.ts";
import { slowTest } from "../helpers/slow.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

const EVENTS = recordStory([...script(), {
  type: "session.stopped",
  outcome: { kind: "done", summary: "" },
}], { firstAtMs: Date.parse("2026-11-20T10:00:00Z"), stepMs: 1_000 });

/** How long a listener may take to close here. */
const WITHIN_MS = 600;
/** How long a request may take, which nobody waits for at the end. */
const REQUEST_MS = 5_000;

/** Each way in which a collector misbehaves, and what the journal then says. */
const WAYS: Readonly<Record<string, readonly [answer: Answering, says: RegExp]>> = {
  "hangs": [() => new Promise<never>(() => {}), /no response in time$/],
  "answers, and then never ends": [() => new Response(endless(1)), /no response in time$/],
  "answers 500": [() => new Response("<h1>Oh</h1>", { status: 500 }), /: HTTP 500$/],
  "answers 401": [() => new Response("", { status: 401 }), /: HTTP 401$/],
  "asks to wait for a day": [
    () => new Response("", { status: 503, headers: { "Retry-After": "86400" } }),
    /: HTTP 503$/,
  ],
  "took only a part": [
    () => new Response(new Uint8Array([0x0a, 0x02, 0x08, 0x03])),
    /: 3 items rejected$/,
  ],
};

for (const [way, [answer, says]] of Object.entries(WAYS)) {
  Deno.test(`a collector that ${way} costs the end of a run a bounded time, and is named`, async () => {
    const collector = new Collector(answer);
    const listener = listenerTo(collector.url);
    const beganAt = performance.now();
    const ended = hearAll(listener, EVENTS);
    await assert.rejects(ended, {
      message: new RegExp(`^Cannot send all telemetry: \\d of \\d requests failed, the last one at ${collector.url}`),
    });
    await assert.rejects(ended, { message: says });
    const tookMs = performance.now() - beganAt;
    assert.ok(tookMs < REQUEST_MS, `closing took ${tookMs} ms`);
    await collector.abandon();
  });
}

Deno.test("a collector that answers garbage, or without an end, is believed to have taken what was sent", async () => {
  for (const answer of [() => new Response("garbage \xff\x00"), () => new Response(endless(64 * 1024))]) {
    const collector = new Collector(answer);
    const listener = listenerTo(collector.url);
    const ended = hearAll(listener, EVENTS);
    await ended;
    await listener.close?.();
    assert.equal(new Set(collector.requests.map(({ path }) => path)).size, 2);
    await collector.abandon();
  }
});

Deno.test("a redirect is not followed, and takes no headers along", async () => {
  await using other = new Collector();
  await using collector = new Collector(() => Response.redirect(`${other.url}/v1/traces`, 307));
  const ended = hearAll(listenerTo(collector.url), EVENTS);
  await assert.rejects(ended, /HTTP 307$/);
  assert.equal(collector.requests[0]?.headers.get("authorization"), "Bearer k");
  assert.deepEqual(other.requests, []);
});

Deno.test("what a busy collector refuses at first is sent again", async () => {
  await using collector = new Collector((_, count) =>
    new Response("", { status: count < 3 ? 503 : 200, headers: { "Retry-After": "0" } })
  );
  const ended = hearAll(listenerTo(collector.url), EVENTS);
  await ended;
  assert.equal(collector.requests.length, 4);
});

Deno.test("where nobody listens, the run goes on, and its end does not wait", async () => {
  await using gone = new Collector();
  const { url } = gone;
  await gone[Symbol.asyncDispose]();
  const ended = hearAll(listenerTo(url, 60_000, 60_000), EVENTS);
  const beganAt = performance.now();
  await assert.rejects(ended, {
    message: `Cannot send all telemetry: 2 of 2 requests failed, the last one at ${url}: connection failed`,
  });
  const tookMs = performance.now() - beganAt;
  assert.ok(tookMs < 30_000, `closing took ${tookMs} ms`);
});

slowTest("a long night before a collector that hangs takes no more memory than the SDK's queue", async () => {
  const collector = new Collector(() => new Promise<never>(() => {}));
  const listener = listenerTo(collector.url, 60_000);
  const attempt = EVENTS.filter(({ type }) => type === "iteration.started" || type === "iteration.ended").slice(0, 2);
  const play = (times: number): void => {
    for (let time = 0; time < times; time++) {
      for (const event of attempt) void listener.hear({ ...event, seq: event.seq + time * 10 });
    }
  };
  listener.hear(EVENTS[0] ?? assert.fail());
  await import("../../src/telemetry/exporters.ts");
  await new Promise((resolve) => setTimeout(resolve));
  play(5_000);
  const before = Deno.memoryUsage().heapUsed;
  play(100_000);
  const grown = Deno.memoryUsage().heapUsed - before;
  // Garbage that is not collected yet takes up to 40 MB; kept spans would take more than 100.
  assert.ok(grown < 64 * 1024 * 1024, `${grown} bytes more`);
  await assert.rejects(async () => await listener.close?.());
  await collector.abandon();
});

Deno.test("a run without telemetry loads nothing of it", () => {
  const loaded = [...loadedBy(join(ROOT, "main.ts"))].map((path) => path.replace(`${ROOT}/`, ""));
  assert.deepEqual(loaded.filter((path) => /telemetry/.test(path)), ["src/telemetry/settings.ts"]);
  const listener = [...loadedBy(join(ROOT, "src/telemetry/listener.ts"))];
  assert.deepEqual(listener.filter((path) => path.startsWith("@opentelemetry/")), []);
});

function listenerTo(url: string, timeoutMs = REQUEST_MS, closeWithinMs = WITHIN_MS): TelemetryListener {
  const to = (signal: string): Target => ({
    url: `${url}/v1/${signal}`,
    headers: { authorization: "Bearer k" },
    format: "protobuf",
    timeoutMs,
  });
  return telemetryListener({
    version: "1.2.3",
    project: "tally",
    traces: to("traces"),
    metrics: to("metrics"),
    resource: { "service.name": "samocode" },
    temporality: "cumulative",
    agentOf: () => undefined,
    closeWithinMs,
  });
}

/** Lets it hear events; resolves when it has finished with all. */
async function hearAll(listener: TelemetryListener, events: readonly RecordedEvent[]): Promise<void> {
  await Promise.all(events.map((event) => listener.hear(event)));
}

function endless(chunkBytes: number): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream({
    pull: (controller) =>
      new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          controller.enqueue(new Uint8Array(chunkBytes));
          resolve();
        }, 5);
      }),
    cancel: () => clearTimeout(timer),
  });
}
