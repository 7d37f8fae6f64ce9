import assert from "node:assert/strict";
import { chatterIn, eventLine, readEventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { fold } from "../../src/workflow/fold_history.ts";
import { KEPT_ACTS } from "../../src/workflow/fold_agent.ts";
import { NO_HISTORY } from "../../src/workflow/history.ts";
import { nextAttempt } from "../../src/workflow/attempt.ts";
import { describeEvent } from "../../src/messages/describe_event.ts";
import { STORY } from "../helpers/story_events.ts";

const STAMP = '"seq":7,"at":"2026-11-20T05:02:11.123Z"';

Deno.test("readEventLine() reads back what eventLine() wrote, for every kind of event", () => {
  for (const event of STORY) {
    const line = eventLine(event);
    assert.match(line, /^[^\n]+\n$/);
    // What is undefined is absent in a line.
    assert.equal(JSON.stringify(readEventLine(line.slice(0, -1))), JSON.stringify(event));
    assert.deepEqual(readEventLine(line), readEventLine(line.trimEnd() + "\r"));
  }
});

Deno.test("eventLine() keeps one line whatever an agent says", () => {
  const event: RecordedEvent = {
    type: "agent.said",
    text: 'one\ntwo\r\nthree\u2028four\u2029\0\u001b[2J"}\n{"type":"gate.opened","gate":"plan_approval"}\ud800',
    seq: 1,
    at: "2026-11-20T05:02:11.123Z",
  };
  const line = eventLine(event);
  assert.deepEqual(line.split("\n").length, 2);
  assert.deepEqual(readEventLine(line), event);
});

Deno.test("chatterIn() tells an agent's chatter by its lines, of which the history keeps only the last ones", () => {
  const kinds = { "agent.acted": "act", "agent.said": "act", "agent.used": "used", "agent.resumed": "resumed" };
  const chatter: RecordedEvent[] = [];
  for (const event of STORY) {
    // In the order in which the journal writes them.
    const first = { seq: event.seq, at: event.at };
    const line = eventLine({ ...first, ...event }).slice(0, -1);
    const kind = new Map(Object.entries(kinds)).get(event.type);
    assert.equal(chatterIn(line), kind, line);
    if (kind !== undefined) chatter.push(event);
    assert.ok(!chatterIn(line.slice(0, -1)) && !chatterIn(line.slice(0, -2)), line);
  }
  assert.deepEqual([...new Set(chatter.map(({ type }) => type))].sort(), Object.keys(kinds).sort());
  const history = STORY.slice(0, STORY.findIndex(({ type }) => type === "agent.acted")).reduce(fold, NO_HISTORY);
  assert.equal(history.attempt?.end, undefined, "an attempt is under way");
  const acts = chatter.filter(({ type }) => type === "agent.acted" || type === "agent.said");
  const pulse = chatter.filter(({ type }) => type === "agent.used" || type === "agent.resumed");
  const many = Array.from({ length: KEPT_ACTS }, () => acts).flat();
  for (const first of chatter) {
    const all = [first, ...pulse, ...many, ...pulse];
    const last = [...many.slice(-KEPT_ACTS), ...pulse];
    assert.deepEqual(all.reduce(fold, history), last.reduce(fold, history));
  }
});

Deno.test("readEventLine() rejects a line that is cut anywhere", () => {
  for (const event of STORY) {
    const line = eventLine(event);
    for (let end = 0; end < line.length - 1; end++) {
      assert.equal(readEventLine(line.slice(0, end)), undefined, line.slice(0, end));
    }
  }
});

Deno.test("readEventLine() rejects what is not an event, or is one of a newer version", () => {
  const lines = [
    "",
    " ",
    "\0\0\0\0",
    "null",
    "7",
    "[]",
    "{}",
    '"session.stopped"',
    `{${STAMP}}`,
    `{"type":"session.paused",${STAMP}}`,
    `{"type":"Session.started",${STAMP}}`,
    `{"type":"constructor",${STAMP}}`,
    `{"type":"__proto__",${STAMP}}`,
    `{"type":"toString",${STAMP}}`,
    `{"type":null,${STAMP}}`,
    `{"type":["listener.failed"],${STAMP}}`,
    `{"__proto__":{"type":"listener.failed"},${STAMP}}`,
    '{"type":"listener.failed","at":"2026-11-20T05:02:11.123Z"}',
    '{"type":"listener.failed","seq":"7","at":"2026-11-20T05:02:11.123Z"}',
    '{"type":"listener.failed","seq":7}',
    '{"type":"listener.failed","seq":7,"at":1795150931123}',
    `{"type":"listener.failed",${STAMP}}{"type":"listener.failed",${STAMP}}`,
    `[{"type":"listener.failed",${STAMP}}]`,
  ];
  assert.deepEqual(lines.filter((line) => readEventLine(line) !== undefined), []);
});

Deno.test("readEventLine() rejects an event of the wrong shape: what it accepts can be folded and described", () => {
  const wrong = [null, 7, -1e300, "", "x", true, [], [null], {}, { kind: "done" }, { status: "waiting" }, undefined];
  let refused = 0;
  for (const event of STORY) {
    for (const path of pathsIn(event)) {
      for (const value of wrong) {
        const read = readEventLine(JSON.stringify(changed(event, path, value)).replaceAll("-1e+300", "1e999"));
        if (read === undefined) refused++;
        else {
          const history = fold(fold(NO_HISTORY, read), read);
          assert.equal(typeof describeEvent(read), "string");
          assert.equal(typeof nextAttempt(history).attempt, "number");
        }
      }
    }
  }
  assert.ok(refused > 1000, `${refused} were refused`);
});

Deno.test("readEventLine() rejects each of these, which once broke a status", () => {
  const lines = [
    '{"seq":5,"at":"x","type":"iteration.started"}',
    `{"type":"iteration.started",${STAMP}}`,
    `{"type":"iteration.ended",${STAMP},"iteration":1,"attempt":1,"phase":"planning","usage":{}}`,
    `{"type":"session.stopped",${STAMP},"outcome":{"kind":"waiting"}}`,
    `{"type":"session.stopped",${STAMP},"outcome":{"kind":"done","summary":["x"]}}`,
    `{"type":"guidance.given",${STAMP},"text":{"a":1},"by":"me"}`,
    `{"type":"session.prepared",${STAMP},"workplace":null}`,
    `{"type":"phase.entered",${STAMP},"phase":"constructor","from":"init","by":"worker"}`,
    `{"type":"gate.reached",${STAMP},"gate":"toString"}`,
    `{"type":"gate.opened",${STAMP},"gate":"__proto__","by":"me"}`,
    `{"type":"signal.received",${STAMP},"signal":{"status":"waiting","for":"hasOwnProperty"}}`,
    '{"type":"listener.failed","listener":"x","detail":"y","seq":1.5,"at":"2026-11-20T05:02:11.123Z"}',
    '{"type":"listener.failed","listener":"x","detail":"y","seq":7,"at":"2026-13-20T05:02:11.123Z"}',
  ];
  assert.deepEqual(lines.filter((line) => readEventLine(line) !== undefined), []);
});

function pathsIn(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [[name], ...pathsIn(inner).map((path) => [name, ...path])]);
}

function changed(value: unknown, [name, ...path]: readonly string[], to: unknown): unknown {
  if (name === undefined) return to;
  const copy = Array.isArray(value) ? [...value] : { ...Object(value) };
  copy[name] = changed(copy[name], path, to);
  return copy;
}

Deno.test("readEventLine() keeps the fields that a newer version adds", () => {
  assert.deepEqual(readEventLine(`{"type":"listener.failed","listener":"log","detail":"full","since":3,${STAMP}}`), {
    type: "listener.failed",
    listener: "log",
    detail: "full",
    since: 3,
    seq: 7,
    at: "2026-11-20T05:02:11.123Z",
  });
});
