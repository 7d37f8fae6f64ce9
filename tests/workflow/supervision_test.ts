import assert from "node:assert/strict";
import { fold } from "../../src/workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../../src/workflow/history.ts";
import { dutyOf, isLost, MAX_DEATHS } from "../../src/workflow/supervision.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import type { Outcome } from "../../src/workflow/run_events.ts";
import { recordStory } from "../helpers/story_events.ts";

const FIRST_AT_MS = Date.parse("2026-11-21T20:00:00Z");
const CREATED: SessionEvent = { type: "session.created", name: "s", task: "t", dive: "" };
const STARTED: SessionEvent = { type: "session.started", provider: "claude", version: "1", pid: 1 };
const QUEUED: SessionEvent = { type: "session.queued", by: "samocode start", running: 2, most: 2 };
const STOP: SessionEvent = { type: "stop.requested", by: "samocode stop", now: true };
const SIGNAL: SessionEvent = { type: "signal.received", signal: { status: "continue", phase: undefined } };

Deno.test("dutyOf() starts what ended without a decision, and leaves alone what ended with one", () => {
  const outcomes: readonly (readonly [Outcome, string])[] = [
    [{ kind: "done", summary: "" }, "none"],
    [{ kind: "waiting", for: "qa_answers", gate: "qa_answers", detail: "" }, "none"],
    [{ kind: "blocked", reason: "", needs: "budget" }, "none"],
    [{ kind: "failed", reason: "" }, "none"],
    [{ kind: "stopped", by: "you (Ctrl-C)" }, "none"],
    [{ kind: "stopped", by: "samocode stop" }, "none"],
    [{ kind: "stopped", by: "a request to terminate (SIGTERM)" }, "interrupted"],
    [{ kind: "stopped", by: "the terminal, which was closed (SIGHUP)" }, "interrupted"],
  ];
  for (const [outcome, expected] of outcomes) {
    const ended: SessionEvent = { type: "session.stopped", outcome };
    assert.equal(whatIsDue([CREATED, STARTED, ended]), expected, JSON.stringify(outcome));
    assert.equal(whatIsDue([CREATED, STARTED, STOP, ended]), "none", "samocode stop --now sends SIGTERM, too");
    assert.equal(whatIsDue([CREATED, STARTED, ended, STOP]), "none", "stopped afterwards");
  }
  assert.equal(whatIsDue([CREATED]), "none");
  assert.equal(whatIsDue([CREATED, STARTED]), "died");
  assert.equal(whatIsDue([CREATED, STARTED, STOP]), "none", "it died while it was to stop");
  assert.equal(whatIsDue([CREATED, QUEUED]), "queued");
  assert.equal(whatIsDue([CREATED, QUEUED, STOP]), "none");
  assert.equal(whatIsDue([CREATED, QUEUED, STARTED]), "died");
});

Deno.test("dutyOf() pauses longer after each death in a row, gives up in the end, and forgets them at a signal", () => {
  const pauses: (number | string)[] = [];
  const events: SessionEvent[] = [CREATED, STARTED];
  for (let death = 0; death <= MAX_DEATHS; death++) {
    const duty = dutyOf(historyOf(events), FIRST_AT_MS);
    pauses.push(duty.kind === "start" ? (duty.notBeforeMs - FIRST_AT_MS) / 1000 : duty.kind);
    events.push(STARTED);
  }
  assert.deepEqual(pauses, [5, 10, 20, 40, 80, "give-up"]);
  events.push(SIGNAL);
  const duty = dutyOf(historyOf(events), FIRST_AT_MS);
  assert.equal(duty.kind === "start" && duty.notBeforeMs - FIRST_AT_MS, 5000);
});

Deno.test("dutyOf() goes on at once after a shutdown, and counts one request to end after another as deaths", () => {
  const by = "a request to terminate (SIGTERM)";
  const pauses: (number | string)[] = [];
  const events: SessionEvent[] = [CREATED];
  for (let end = 0; end <= MAX_DEATHS; end++) {
    events.push(STARTED, { type: "session.stopped", outcome: { kind: "stopped", by } });
    const { lastAt = "" } = historyOf(events);
    const duty = dutyOf(historyOf(events), Date.parse(lastAt));
    pauses.push(duty.kind === "start" ? (duty.notBeforeMs - Date.parse(lastAt)) / 1000 : duty.kind);
  }
  assert.deepEqual(pauses, [0, 10, 20, 40, 80, "give-up"]);
});

Deno.test("dutyOf() waits for the end of a limit that a dead or interrupted worker waited for", () => {
  const retried: SessionEvent = {
    type: "iteration.retried",
    iteration: 1,
    attempt: 2,
    because: "limit",
    delayMs: 5 * 3_600_000,
    repair: false,
    wait: { for: "limit" },
  };
  const terminated: SessionEvent = {
    type: "session.stopped",
    outcome: { kind: "stopped", by: "a request to terminate (SIGTERM)" },
  };
  for (const events of [[CREATED, STARTED, retried], [CREATED, STARTED, retried, terminated]]) {
    const duty = dutyOf(historyOf(events), FIRST_AT_MS);
    assert.equal(duty.kind === "start" && duty.notBeforeMs, FIRST_AT_MS + 2_000 + 5 * 3_600_000);
  }
});

Deno.test("dutyOf() continues on the next day what waits only because the day's budget is used up", () => {
  const none = { cost: undefined, tokens: undefined, starts: undefined, time: undefined };
  const waiting: SessionEvent = {
    type: "session.stopped",
    outcome: { kind: "waiting", for: "budget", gate: undefined, detail: "" },
  };
  const began: SessionEvent = {
    ...{ type: "iteration.started", iteration: 1, attempt: 1, phase: "investigation" },
    ...{ marker: "m", log: "l", provider: "claude", model: undefined },
  };
  const withLimit = (starts: number): readonly SessionEvent[] => [
    CREATED,
    { ...STARTED, limits: { session: { ...none, starts }, day: { ...none, starts: 1 } } },
    began,
    waiting,
  ];
  const at = new Date(FIRST_AT_MS);
  const midnight = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getTime();
  assert.deepEqual(dutyOf(historyOf(withLimit(2)), FIRST_AT_MS), {
    kind: "start",
    because: "new day",
    notBeforeMs: midnight,
  });
  assert.deepEqual(dutyOf(historyOf(withLimit(1)), FIRST_AT_MS), { kind: "none" }, "its own is used up, too");
  assert.deepEqual(dutyOf(historyOf([...withLimit(2), STOP]), FIRST_AT_MS), { kind: "none" });
  assert.deepEqual(dutyOf(historyOf([CREATED, STARTED, waiting]), FIRST_AT_MS), { kind: "none" }, "an older journal");
});

function whatIsDue(events: readonly SessionEvent[]): string {
  const history = historyOf(events);
  const duty = dutyOf(history, FIRST_AT_MS);
  assert.equal(isLost(history), duty.kind === "start" && duty.because !== "queued");
  return duty.kind === "start" ? duty.because : duty.kind;
}

function historyOf(events: readonly SessionEvent[]): History {
  return recordStory(events, { firstAtMs: FIRST_AT_MS, stepMs: 1_000 }).reduce(fold, NO_HISTORY);
}
