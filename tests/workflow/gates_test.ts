import assert from "node:assert/strict";
import { PHASE_NAMES, PHASES } from "../../src/workflow/phases.ts";
import { gateOpenedBy, gateRule, GATES, isGate, isGateOpen, WAITS } from "../../src/workflow/gates.ts";

const PLAN = { name: "plan.md", sha256: "aa" };
const OPENED = { by: "me", document: "plan.md", sha256: "aa" };

Deno.test("isGateOpen() keeps a gate closed that nobody opened, whatever the documents say", () => {
  for (const gate of ["qa_answers", "plan_approval"] as const) {
    for (const openQuestions of [0, 1]) {
      for (const plan of [PLAN, undefined]) {
        assert.equal(isGateOpen(gate, {}, { questions: 1, openQuestions, plan }), false);
      }
    }
  }
});

Deno.test("isGateOpen() closes the questions' gate again when a question is open again", () => {
  const gates = { qa_answers: { ...OPENED, document: "_qa.md" } };
  assert.equal(isGateOpen("qa_answers", gates, { questions: 1, openQuestions: 0, plan: undefined }), true);
  assert.equal(isGateOpen("qa_answers", gates, { questions: 1, openQuestions: 1, plan: undefined }), false);
});

Deno.test("isGateOpen() accepts an approval only for the plan that was approved", () => {
  const gates = { plan_approval: OPENED };
  const open = (plan: typeof PLAN | undefined): boolean =>
    isGateOpen("plan_approval", gates, { questions: 3, openQuestions: 3, plan });
  assert.equal(open(PLAN), true);
  assert.equal(open({ ...PLAN, sha256: "bb" }), false);
  assert.equal(open({ ...PLAN, name: "plan-2.md" }), false);
  assert.equal(open(undefined), false);
});

Deno.test("isGateOpen() takes a phase moved by hand as approval of any plan", () => {
  const gates = { plan_approval: { by: "the notebook", document: undefined, sha256: undefined } };
  assert.equal(isGateOpen("plan_approval", gates, { questions: 0, openQuestions: 0, plan: PLAN }), true);
});

Deno.test("GATES and PHASES agree: each gate guards one phase, and each act opens one gate", () => {
  const guarded = PHASE_NAMES.flatMap((phase) => PHASES[phase].gate ?? []);
  assert.deepEqual(guarded.toSorted(), Object.keys(GATES).toSorted());
  for (const gate of guarded) {
    assert.equal(gateOpenedBy(gateRule(gate).verb), gate);
    assert.equal(isGate(gate), true);
  }
  assert.deepEqual(Object.keys(WAITS).filter((wait) => !guarded.some((gate) => gate === wait)), [
    "file_update",
    "human_action",
    "red_baseline",
    "budget",
  ]);
});

Deno.test("isDue() tells whether a gate has something to show", () => {
  const documents = { questions: 1, openQuestions: 0, plan: undefined };
  assert.equal(gateRule("qa_answers").isDue(documents), false);
  assert.equal(gateRule("qa_answers").isDue({ ...documents, openQuestions: 1 }), true);
  assert.equal(gateRule("plan_approval").isDue({ ...documents, openQuestions: 1 }), false);
  assert.equal(gateRule("plan_approval").isDue({ ...documents, plan: PLAN }), true);
});

Deno.test("isNeeded() asks for no answers where no question was ever asked, and always for an approval", () => {
  const documents = { questions: 0, openQuestions: 0, plan: undefined };
  assert.equal(gateRule("qa_answers").isNeeded(documents), false);
  assert.equal(gateRule("qa_answers").isNeeded({ ...documents, questions: 1 }), true);
  assert.equal(gateRule("plan_approval").isNeeded(documents), true);
});
