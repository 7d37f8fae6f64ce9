import assert from "node:assert/strict";
import { type EventListener, fanOut, type ListenerFailed } from "../../src/event_listeners/fan_out.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { STORY } from "../helpers/story_events.ts";

Deno.test("fanOut() hands every event to every listener, in order, and yields exactly those", async () => {
  const [one, two] = [recorder("one"), recorder("two")];
  const { yielded, reports } = await play([one, two]);
  assert.deepEqual(yielded, STORY);
  assert.deepEqual(one.heard, STORY);
  assert.deepEqual(two.heard, STORY);
  assert.deepEqual(reports, []);
  assert.deepEqual([one.closed, two.closed], [1, 1]);
});

Deno.test("fanOut() leaves out a listener that throws, and reports it once to the others", async () => {
  const before = recorder("before");
  const bad = recorder("bad", (event) => {
    if (event.seq >= 3) throw new Error("disk full");
  });
  const after = recorder("after");
  const { yielded, reports } = await play([before, bad, after]);
  const failed: ListenerFailed = { type: "listener.failed", listener: "bad", detail: "disk full" };
  assert.deepEqual(reports, [failed]);
  assert.deepEqual(bad.heard, STORY.slice(0, 3));
  const expected = [...STORY.slice(0, 3), recorded(failed), ...STORY.slice(3)];
  assert.deepEqual(before.heard, expected);
  assert.deepEqual(after.heard, expected);
  assert.deepEqual(yielded, STORY);
  assert.equal(bad.closed, 1);
});

Deno.test("fanOut() reports a rejected promise once, however many follow", async () => {
  const bad = recorder("bad", () => Promise.reject(new Error("no network")));
  const good = recorder("good");
  const { reports } = await play([bad, good]);
  assert.deepEqual(reports, [{ type: "listener.failed", listener: "bad", detail: "no network" }]);
  assert.equal(good.heard.filter((event) => event.type === "listener.failed" && event.listener === "bad").length, 1);
});

Deno.test("fanOut() reports a listener once, though work that was under way fails after the report", async () => {
  const [early, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const bad: EventListener = {
    name: "bad",
    hear: (event) => event.seq === 1 ? early.promise : late.promise,
    close: () => {
      late.reject(new Error("late"));
      return Promise.resolve();
    },
  };
  const trigger = recorder("trigger", (event) => {
    if (event.seq === 3) early.reject(new Error("early"));
  });
  const { reports } = await play([bad, trigger]);
  assert.deepEqual(reports, [{ type: "listener.failed", listener: "bad", detail: "early" }]);
});

Deno.test("fanOut() does not wait for a slow listener while events come, but lets the others hear how it ended", async () => {
  const work = Promise.withResolvers<void>();
  const slow: EventListener = {
    name: "slow",
    hear: () => work.promise,
    close: () => {
      work.reject(new Error("gave up"));
      return Promise.resolve();
    },
  };
  const other = recorder("other");
  const { yielded, reports } = await play([slow, other]);
  assert.deepEqual(yielded, STORY);
  assert.deepEqual(reports, [{ type: "listener.failed", listener: "slow", detail: "gave up" }]);
  assert.deepEqual(other.heard.at(-1), recorded(reports[0] ?? assert.fail("nothing reported")));
});

Deno.test("fanOut() survives the failure of every listener, on an event and on the report of another", async () => {
  const bad = (name: string, type: RecordedEvent["type"]): EventListener =>
    recorder(name, (event) => {
      if (event.type === type) throw new Error(`heard ${type}`);
    });
  const { yielded, reports } = await play([bad("a", "session.created"), bad("b", "listener.failed")]);
  assert.deepEqual(yielded, STORY);
  assert.deepEqual(reports.map(({ listener, detail }) => [listener, detail]), [
    ["a", "heard session.created"],
    ["b", "heard listener.failed"],
  ]);
});

Deno.test("fanOut() closes the listeners when its consumer leaves early", async () => {
  const listener = recorder("one");
  for await (const _ of fanOut(from(STORY), [listener], { report: (event) => Promise.resolve(recorded(event)) })) break;
  assert.deepEqual([listener.heard.length, listener.closed], [1, 1]);
});

Deno.test("fanOut() closes the listeners when the events end in an error, and passes it on", async () => {
  const listener = recorder("one");
  const broken = (async function* (): AsyncGenerator<RecordedEvent> {
    yield* STORY.slice(0, 2);
    await Promise.reject(new Error("journal full"));
  })();
  await assert.rejects(
    Array.fromAsync(fanOut(broken, [listener], { report: (event) => Promise.resolve(recorded(event)) })),
    new Error("journal full"),
  );
  assert.deepEqual([listener.heard.length, listener.closed], [2, 1]);
});

Deno.test("fanOut() reports a close() that rejects or never ends, and closes the rest", async () => {
  const rejecting: EventListener = {
    name: "rejecting",
    hear: () => {},
    close: () => Promise.reject(new Error("no flush")),
  };
  const hanging: EventListener = { name: "hanging", hear: () => {}, close: () => new Promise(() => {}) };
  const good = recorder("good");
  const { reports } = await play([rejecting, hanging, good], { closeWithinMs: 20 });
  assert.deepEqual(reports, [
    { type: "listener.failed", listener: "rejecting", detail: "no flush" },
    { type: "listener.failed", listener: "hanging", detail: "Cannot close within 0.02 s" },
  ]);
  assert.equal(good.closed, 1);
});

interface Recorder extends EventListener {
  readonly heard: RecordedEvent[];
  closed: number;
}

function recorder(name: string, then: (event: RecordedEvent) => void | Promise<void> = () => {}): Recorder {
  const self: Recorder = {
    name,
    heard: [],
    closed: 0,
    hear(event): void | Promise<void> {
      self.heard.push(event);
      return then(event);
    },
    close(): Promise<void> {
      self.closed++;
      return Promise.resolve();
    },
  };
  return self;
}

async function play(
  listeners: readonly EventListener[],
  options: { readonly closeWithinMs?: number } = {},
): Promise<{ readonly yielded: readonly RecordedEvent[]; readonly reports: readonly ListenerFailed[] }> {
  const reports: ListenerFailed[] = [];
  const report = (event: ListenerFailed): Promise<RecordedEvent> => {
    reports.push(event);
    return Promise.resolve(recorded(event));
  };
  const yielded = await Array.fromAsync(fanOut(from(STORY), listeners, { report, ...options }));
  return { yielded, reports };
}

function recorded(event: ListenerFailed): RecordedEvent {
  return { ...event, seq: 1000, at: "2026-11-20T06:00:00.000Z" };
}

async function* from(events: readonly RecordedEvent[]): AsyncGenerator<RecordedEvent> {
  for (const event of events) yield await Promise.resolve(event);
}
