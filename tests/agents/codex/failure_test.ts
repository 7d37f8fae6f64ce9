import assert from "node:assert/strict";
import { readCodexFailure } from "../../../src/agents/codex/failure.ts";

/** In local time, as Codex tells it. */
const NOW = new Date(2026, 10, 20, 9, 30, 12);

function endOf(when: string): string | undefined {
  return readCodexFailure(`You’ve hit your usage limit. Try again at ${when}.`.replace("Try", "try"), NOW).until;
}

function local(...[year, month, day, hours, minutes]: readonly [number, number, number, number, number]): string {
  return new Date(year, month - 1, day, hours, minutes).toISOString();
}

Deno.test("readCodexFailure() reads a limit's end today, and rounds it up to the next minute", () => {
  assert.deepEqual(
    ["9:45 AM", "11:59 AM", "12:00 PM", "12:59 PM", "1:00 PM", "11:58 PM", "12:00 AM"].map(endOf),
    [
      local(2026, 11, 20, 9, 46),
      local(2026, 11, 20, 12, 0),
      local(2026, 11, 20, 12, 1),
      local(2026, 11, 20, 13, 0),
      local(2026, 11, 20, 13, 1),
      local(2026, 11, 20, 23, 59),
      local(2026, 11, 20, 0, 1),
    ],
  );
});

Deno.test("readCodexFailure() reads a limit's end on another day", () => {
  const days = ["Nov 21st, 2026 9:07 AM", "Nov 22nd, 2026 9:07 AM", "Dec 3rd, 2026 12:00 AM", "Jan 5th, 2027 11:59 PM"];
  assert.deepEqual(days.map(endOf), [
    local(2026, 11, 21, 9, 8),
    local(2026, 11, 22, 9, 8),
    local(2026, 12, 3, 0, 1),
    local(2027, 1, 6, 0, 0),
  ]);
});

Deno.test("readCodexFailure() ignores an impossible time", () => {
  const noTimes = [
    "9:99 AM",
    "13:00 AM",
    "9:07",
    "9:7 AM",
    "21:07",
    "Foo 21st, 2026 9:07 AM",
    "Nov 21, 2026 9:07 AM",
    "99999999999:00 AM",
    "noon",
  ];
  assert.deepEqual(noTimes.map(endOf), noTimes.map(() => undefined));
});

Deno.test("readCodexFailure() returns an end for limits only", () => {
  const { cause, until } = readCodexFailure("Selected model is at capacity, try again at 9:45 AM.", NOW);
  assert.deepEqual([cause, until], ["service", undefined]);
});

Deno.test("readCodexFailure() extracts the service's message from a rejected request", () => {
  const body = (error: unknown): unknown => readCodexFailure(JSON.stringify({ error }), NOW);
  assert.deepEqual(body({ message: "bad thing", type: "invalid_request_error" }), {
    cause: "request",
    detail: "bad thing",
    until: undefined,
  });
  assert.deepEqual(body({ message: "You are out of credits" }), {
    cause: "billing",
    detail: "You are out of credits",
    until: undefined,
  });
  assert.deepEqual(body(7), { cause: "request", detail: '{"error":7}', until: undefined });
});

for (
  const [status, cause] of [
    [400, "request"],
    [401, "auth"],
    [402, "billing"],
    [403, "auth"],
    [404, "request"],
    [408, "service"],
    [413, "request"],
    [429, "limit"],
    [500, "service"],
    [502, "service"],
    [503, "service"],
    [529, "service"],
  ] as const
) {
  Deno.test(`readCodexFailure() calls a status ${status} ${cause}, whatever its words`, () => {
    const words = `unexpected status ${status} Some Words: quota exceeded, url: http://localhost/v1/responses`;
    assert.equal(readCodexFailure(words, NOW).cause, cause);
    assert.equal(readCodexFailure(`exceeded retry limit, last status: ${status} Words`, NOW).cause, cause);
  });
}

Deno.test("readCodexFailure() is fast for a huge text", () => {
  for (const word of ["model ", "try again at ", "unexpected status ", "{"]) {
    const { detail } = readCodexFailure(word.repeat(1_000_000), NOW);
    assert.equal(detail.length, 2000);
  }
});
