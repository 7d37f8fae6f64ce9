import assert from "node:assert/strict";
import { type History, NO_HISTORY } from "../../src/workflow/history.ts";
import type { Outcome } from "../../src/workflow/run_events.ts";
import { type SnapshotSources, takeSnapshot } from "../../src/workflow/snapshot.ts";

const SEEN: SnapshotSources = { hasWorker: false, questions: undefined, plan: undefined, notebookPhase: undefined };
const OPEN = { text: "### Q1: Which?\n\n**Answer:** _waiting_\n", sha256: "shown" };
const ANSWERED = { text: "### Q1: Which?\n\n**Answer:** this\n", sha256: "edited" };

function at(history: Partial<History>, seen: Partial<SnapshotSources> = {}): readonly unknown[] {
  const { state, needs, movedTo, obstacle } = takeSnapshot({ ...NO_HISTORY, ...history }, { ...SEEN, ...seen });
  return [state, needs, movedTo, obstacle];
}

function waiting(kind: "qa_answers" | "plan_approval", gate: boolean): Partial<History> {
  const pause = { for: kind, gate: gate ? kind : undefined, wants: undefined };
  const outcome: Outcome = { kind: "waiting", for: kind, gate: pause.gate, detail: "" };
  return { phase: "requirements", pause, outcome, shown: { document: "_qa.md", sha256: "shown", openQuestions: 1 } };
}

Deno.test("takeSnapshot() tells a running session from one whose worker died, and one that has not begun", () => {
  assert.deepEqual(at({ running: true }, { hasWorker: true }), ["running", "none", undefined, "worker"]);
  assert.deepEqual(at({ running: true }), ["crashed", "none", undefined, undefined]);
  assert.deepEqual(at({}), ["stopped", "none", undefined, undefined]);
  assert.deepEqual(at({}, { hasWorker: true }), ["running", "none", undefined, "worker"]);
});

Deno.test("takeSnapshot() says of each outcome what it needs and whether a run would go on", () => {
  const outcomes: readonly (readonly [Outcome, string, string | undefined])[] = [
    [{ kind: "done", summary: "" }, "none", "done"],
    [{ kind: "blocked", reason: "", needs: "budget" }, "budget", undefined],
    [{ kind: "blocked", reason: "", needs: "clarification" }, "unblock", undefined],
    [{ kind: "failed", reason: "" }, "none", undefined],
    [{ kind: "stopped", by: "you" }, "none", undefined],
  ];
  for (const [outcome, needs, obstacle] of outcomes) {
    assert.deepEqual(at({ outcome }), [outcome.kind, needs, undefined, obstacle]);
  }
});

Deno.test("takeSnapshot() lets a run go on past a gate only where a human opened it, also by hand", () => {
  const gate = waiting("qa_answers", true);
  assert.deepEqual(at(gate, { questions: OPEN }), ["waiting", "answers", undefined, "answers"]);
  const unchanged = { ...ANSWERED, sha256: "shown" };
  assert.deepEqual(at(gate, { questions: unchanged }), ["waiting", "answers", undefined, "answers"], "by the agent");
  assert.deepEqual(at(gate, { questions: ANSWERED }), ["ready", "none", undefined, undefined]);
  const opened = { qa_answers: { by: "me", document: "_qa.md", sha256: "edited" } };
  assert.deepEqual(at({ ...gate, gates: opened }, { questions: ANSWERED }), ["ready", "none", undefined, undefined]);
  assert.deepEqual(at({ ...gate, gates: opened }, { questions: OPEN }), ["waiting", "answers", undefined, "answers"]);
  const plan = { name: "plan.md", sha256: "a" };
  assert.deepEqual(at(waiting("plan_approval", true), { plan }), ["waiting", "approval", undefined, "approval"]);
});

Deno.test("takeSnapshot() lets a run go on where no gate enforces the wait, but not over an open question", () => {
  assert.deepEqual(at(waiting("qa_answers", false), { questions: OPEN })[3], "answers");
  assert.deepEqual(at(waiting("qa_answers", false), { questions: ANSWERED })[3], undefined);
});

Deno.test("takeSnapshot() follows the phase that a human wrote into the notebook, not what an agent left there", () => {
  const done: Partial<History> = { phase: "done", notebookPhase: "done", outcome: { kind: "done", summary: "" } };
  assert.deepEqual(at(done, { notebookPhase: "testing" }), ["ready", "none", "testing", undefined]);
  assert.deepEqual(at(done, { notebookPhase: "done" }), ["done", "none", undefined, "done"]);
  assert.deepEqual(at(done, { notebookPhase: "init" }), ["done", "none", undefined, "done"]);
  assert.deepEqual(at({ ...done, notebookPhase: undefined }, { notebookPhase: "testing" })[2], undefined);
  assert.deepEqual(at({ ...done, running: true }, { notebookPhase: "testing" })[2], undefined, "the worker died");
  const gate = { ...waiting("plan_approval", true), phase: "planning", notebookPhase: "planning" } as const;
  assert.deepEqual(at(gate, { notebookPhase: "implementation" }), ["ready", "none", "implementation", undefined]);
});

Deno.test("takeSnapshot() says of a session that was moved or given a new task that it can go on", () => {
  const detail = (history: Partial<History>): string => takeSnapshot({ ...NO_HISTORY, ...history }, SEEN).detail;
  assert.equal(detail({}), "It has not started");
  assert.equal(detail({ earlierTasks: 1 }), "It has a new task and has not started on it");
  assert.equal(detail({ phase: "testing" }), "You moved it to testing; it can continue");
  assert.deepEqual(at({ phase: "testing" }), ["stopped", "none", undefined, undefined]);
});
