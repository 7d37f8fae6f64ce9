import assert from "node:assert/strict";
import type { Gate } from "../../src/workflow/gates.ts";
import { agentOf, nextPhases, type Phase, PHASE_NAMES, PHASES, readPhase } from "../../src/workflow/phases.ts";

Deno.test("PHASES is the table that the design promises", () => {
  const rows = PHASE_NAMES.map((phase) => {
    const { next, gate, maySignal, maxIterations } = PHASES[phase];
    return [phase, next.join(" "), gate ?? "", maySignal.join(" "), maxIterations];
  });
  assert.deepEqual(rows, [
    ["init", "investigation", "", "", 0],
    ["investigation", "requirements", "", "continue blocked", 20],
    ["requirements", "planning", "qa_answers", "continue waiting blocked", 10],
    ["planning", "implementation", "plan_approval", "continue waiting blocked", 10],
    ["implementation", "testing quality", "", "continue waiting blocked", 100],
    ["testing", "quality done implementation", "", "continue blocked", 20],
    ["quality", "testing done implementation", "", "continue blocked", 10],
    ["done", "", "", "done blocked", 3],
  ]);
});

Deno.test("PHASES lets no session reach implementation, or what comes after it, past a closed gate", () => {
  assert.deepEqual(reachable("init", []), new Set(PHASE_NAMES));
  assert.deepEqual(reachable("init", ["qa_answers"]), new Set(["init", "investigation", "requirements"]));
  assert.deepEqual(
    reachable("init", ["plan_approval"]),
    new Set(["init", "investigation", "requirements", "planning"]),
  );
});

Deno.test("PHASES lets a light session leave out requirements, and no gate that stands before implementation", () => {
  for (const phase of PHASE_NAMES) {
    const { next, lightNext } = PHASES[phase];
    assert.deepEqual(nextPhases(phase, { light: false }), next);
    assert.deepEqual(nextPhases(phase, { light: true }), lightNext ?? next);
  }
  const light = { light: true };
  assert.deepEqual(
    reachable("init", [], light),
    new Set(PHASE_NAMES.filter((phase) => phase !== "requirements")),
  );
  assert.deepEqual(reachable("init", ["plan_approval"], light), new Set(["init", "investigation", "planning"]));
});

Deno.test("PHASES leaves a way to done from everywhere, and none out of it", () => {
  assert.deepEqual(PHASE_NAMES.filter((phase) => !reachable(phase, []).has("done")), []);
  assert.deepEqual(PHASES.done.next, []);
});

Deno.test("PHASES lets every agent say that it is blocked, only the last one that all is done, and none act in init", () => {
  const working = PHASE_NAMES.filter((phase) => agentOf(phase) !== undefined);
  assert.deepEqual(PHASE_NAMES.filter((phase) => !working.includes(phase)), ["init"]);
  assert.deepEqual(working.filter((phase) => !PHASES[phase].maySignal.includes("blocked")), []);
  assert.deepEqual(PHASE_NAMES.filter((phase) => PHASES[phase].maySignal.includes("done")), ["done"]);
  assert.deepEqual(PHASES.init.maySignal, []);
});

Deno.test("PHASES lets an agent wait wherever there is a gate, and names no phase as following itself or init again", () => {
  const gated = PHASE_NAMES.filter((phase) => PHASES[phase].gate !== undefined);
  assert.deepEqual(gated.filter((phase) => !PHASES[phase].maySignal.includes("waiting")), []);
  assert.deepEqual(PHASE_NAMES.filter((phase) => PHASES[phase].next.includes(phase)), []);
  assert.deepEqual(PHASE_NAMES.filter((phase) => PHASES[phase].next.includes("init")), []);
});

Deno.test("readPhase() reads a name in any case and with spaces around it", () => {
  for (const phase of PHASE_NAMES) {
    const capital = phase.charAt(0).toUpperCase() + phase.slice(1);
    const written = [phase, phase.toUpperCase(), capital, `  ${phase}\t`, `\r\n${capital}\n`];
    assert.deepEqual(written.map(readPhase), written.map(() => phase));
  }
});

Deno.test("readPhase() reads nothing else as a phase", () => {
  const others = [
    "",
    " ",
    "plan",
    "planning-agent",
    "plan ning",
    "planning, testing",
    "0",
    "null",
    "undefined",
    "constructor",
    "__proto__",
    "toString",
    "test\u0131ng",
    "do\u0000ne",
    "\u202edone",
    "**done**",
  ];
  assert.deepEqual(others.filter((text) => readPhase(text) !== undefined), []);
});

/** The phases that a session can come to while these gates stay shut. */
function reachable(from: Phase, shut: readonly Gate[], { light } = { light: false }): ReadonlySet<Phase> {
  const found = new Set<Phase>([from]);
  // What is added to a set while it is walked is walked, too.
  for (const phase of found) {
    const { gate } = PHASES[phase];
    if (gate === undefined || !shut.includes(gate)) nextPhases(phase, { light }).forEach((target) => found.add(target));
  }
  return found;
}
