import assert from "node:assert/strict";
import {
  afterRun,
  type Decided,
  decidedAfter,
  decidedBy,
  restOf,
  wantsRun,
  whyHandOver,
} from "../../src/fleet/rests.ts";
import { endedByFleet } from "../../src/fleet/session_lines.ts";
import { type History, NO_HISTORY } from "../../src/workflow/history.ts";
import type { Outcome } from "../../src/workflow/run_events.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const STAMP = { seq: 7, at: NOW.toISOString() };

function rested(outcome: Outcome, more: Partial<History> = {}): History {
  return { ...NO_HISTORY, lastAt: NOW.toISOString(), outcome, ...more };
}

const HANDED: Outcome = { kind: "stopped", by: endedByFleet("one is draining") };

Deno.test("wantsRun() starts what nobody decided to stop, and leaves a session where it rests that only got a note", () => {
  const wants = (state: Parameters<typeof wantsRun>[0]["state"], history: History, decided?: Decided) =>
    wantsRun({ state, obstacle: undefined }, history, { decided, now: NOW });
  assert.equal(wants("stopped", NO_HISTORY), true, "it is new");
  assert.equal(wants("stopped", rested(HANDED)), true, "it was handed over");
  assert.equal(wants("stopped", rested({ kind: "stopped", by: "a request to terminate (SIGTERM)" })), false);
  const shutdown = rested({ kind: "stopped", by: "a request to terminate (SIGTERM)" }, { isInterrupted: true });
  assert.equal(wants("stopped", shutdown), true, "its machine was shut down");
  assert.equal(wants("ready", rested({ kind: "waiting", for: "qa_answers", gate: "qa_answers", detail: "" })), true);
  assert.equal(wants("crashed", { ...NO_HISTORY, running: true }), true);
  const blocked = rested({ kind: "blocked", reason: "", needs: "human_decision" });
  assert.equal(wants("blocked", blocked), false);
  assert.equal(wants("blocked", blocked, "go"), true);
  assert.equal(wants("crashed", { ...NO_HISTORY, running: true }, "stop"), false);
  assert.equal(wantsRun({ state: "waiting", obstacle: "answers" }, blocked, { decided: "go", now: NOW }), false);
});

Deno.test("decidedAfter() and decidedBy() say alike what the last decision since the rest was", () => {
  const events: readonly RecordedEvent[] = [
    { type: "resume.requested", by: "me", ...STAMP },
    { type: "guidance.given", text: "x", by: "me", ...STAMP },
    { type: "stop.requested", by: "me", now: false, ...STAMP },
    { type: "phase.entered", phase: "testing", from: "planning", by: "human", ...STAMP },
    { type: "phase.entered", phase: "testing", from: "planning", by: "worker", ...STAMP },
    { type: "session.stopped", outcome: HANDED, notebookPhase: undefined, ...STAMP },
  ];
  const seen = events.map((_, index) => events.slice(0, index + 1).reduce<Decided>(decidedAfter, undefined));
  assert.deepEqual(seen, ["go", "go", "stop", "go", "go", undefined]);
  const done = { ok: true };
  assert.equal(decidedBy("stop", { verb: "resume", guidance: undefined }, done), "go");
  assert.equal(decidedBy("go", { verb: "stop", now: false }, done), "stop");
  assert.equal(decidedBy(undefined, { verb: "resume", guidance: undefined }, { ok: false }), undefined);
  assert.equal(decidedBy("go", { verb: "guide", text: "x" }, done), "go");
  assert.equal(decidedBy("go", undefined, { ok: false }), "go");
});

Deno.test("afterRun() lets a session go on that was handed over, waits for a limit or died, and gives one up that keeps dying", () => {
  assert.deepEqual(afterRun(rested(HANDED), NOW), {
    kind: "again",
    detail: "It continues on the next worker",
    notBefore: undefined,
  });
  const endsAtMs = NOW.getTime() + 3_600_000;
  const rest: History["rest"] = { endsAtMs, delayMs: 3_600_000, because: "rate-limited", wait: { for: "limit" } };
  assert.deepEqual(afterRun(rested(HANDED, { rest }), NOW), {
    kind: "again",
    detail: "It waits for a usage limit to end: rate-limited",
    notBefore: new Date(endsAtMs),
  });
  assert.deepEqual(afterRun({ ...NO_HISTORY, running: true, deaths: 2 }, NOW), {
    kind: "again",
    detail: "Its process died; it continues after a pause",
    notBefore: new Date(NOW.getTime() + 20_000),
  });
  assert.deepEqual(afterRun({ ...NO_HISTORY, running: true, deaths: 5 }, NOW), { kind: "gives up", deaths: 6 });
  const outcomes: readonly Outcome[] = [
    { kind: "done", summary: "" },
    { kind: "blocked", reason: "", needs: "clarification" },
    { kind: "failed", reason: "" },
    { kind: "waiting", for: "human_action", gate: undefined, detail: "" },
    { kind: "stopped", by: "me" },
  ];
  for (const outcome of outcomes) assert.deepEqual(afterRun(rested(outcome), NOW), { kind: "rests" }, outcome.kind);
});

Deno.test("whyHandOver() lets go between iterations: of what waits long, is asked for, or is held for 20 hours", () => {
  const why = (
    type: string,
    { hours = 0, waitMs = 0, asked }: Partial<Record<"hours" | "waitMs", number>> & { readonly asked?: string } = {},
  ) => {
    const rest: History["rest"] = { endsAtMs: NOW.getTime() + waitMs, delayMs: waitMs, because: "", wait: undefined };
    return whyHandOver(type, { history: { rest }, now: NOW, leaseMs: hours * 3_600_000, asked });
  };
  assert.equal(why("iteration.started", { hours: 19.9 }), undefined);
  assert.equal(why("iteration.started", { hours: 20.1 }), "its lease is 20 hours old");
  assert.equal(why("iteration.started", { hours: 20.1, asked: "it drains" }), "it drains");
  assert.equal(why("signal.received", { hours: 20.1, asked: "it drains" }), undefined, "its iteration ends first");
  assert.equal(why("iteration.retried", { waitMs: 119_000, asked: "it drains" }), undefined);
  assert.equal(why("iteration.retried", { waitMs: 121_000 }), "it waits for a usage limit to end");
});

Deno.test("restOf() names how a session rests, also one that died at a gate", () => {
  const status = { needs: "none", detail: "so" } as const;
  assert.deepEqual(restOf({ ...status, state: "blocked" }, undefined), { state: "blocked", detail: "so" });
  assert.deepEqual(restOf({ ...status, state: "crashed", needs: "answers" }, undefined), {
    state: "waiting",
    detail: "so",
  });
  assert.deepEqual(restOf({ ...status, state: "crashed" }, "stop"), {
    state: "stopped",
    detail: "Stopped before it continued",
  });
});
