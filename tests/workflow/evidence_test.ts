import assert from "node:assert/strict";
import { decide } from "../../src/workflow/decide.ts";
import type { Decision, LoopEvent } from "../../src/workflow/decision.ts";
import { type CheckStage, type Evidence, NO_EVIDENCE, standingOf } from "../../src/workflow/evidence.ts";
import { fold } from "../../src/workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../../src/workflow/history.ts";
import { BUILDING, PHASES } from "../../src/workflow/phases.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import type { Signal } from "../../src/workflow/iteration_events.ts";
import { CALM, everyCase, same } from "./decision_cases.ts";
import { recordStory } from "../helpers/story_events.ts";

const TEST = ["npm", "test"];
const LINT = ["deno", "lint"];

type Result = "passed" | "failed" | "aborted";

function run(checks = [TEST]): SessionEvent {
  return { type: "session.started", provider: "demo", version: "1", pid: 7, checks };
}

const AGENT: SessionEvent = {
  type: "iteration.started",
  iteration: 1,
  attempt: 1,
  phase: BUILDING,
  marker: "m",
  log: "l",
};

const ACCEPTED: SessionEvent = { type: "baseline.accepted", by: "ada" };

/** One round, of commands and their results; `tree` is what it was run on. */
function round(stage: CheckStage, tree: string, ...results: readonly Result[]): readonly SessionEvent[] {
  const commands = [TEST, LINT];
  return results.flatMap((result, index): readonly SessionEvent[] => {
    const about = { stage, command: commands[index] ?? [], uncommitted: 0, log: `check-${index}.log` };
    const end = { detail: "exit code 1", exitCode: 1, durationMs: 5, tail: "" };
    return [
      { type: "check.started", ...about, number: index + 1, of: results.length, marker: "c", tree },
      { type: "check.ended", ...about, result, ...end },
    ];
  });
}

type Part = SessionEvent | readonly SessionEvent[];

function play(...events: Part[]): History {
  return recordStory(events.flat(), { firstAtMs: 0, stepMs: 1_000 }).reduce(fold, NO_HISTORY);
}

const evidenceOf = (...events: Part[]): Evidence => play(...events).evidence;

Deno.test("standingOf() tells what is unchecked, due, passed and failed, for just these files", () => {
  const done = (
    ...results: readonly Result[]
  ) => [run([TEST, LINT].slice(0, results.length)), AGENT, ...round("review", "a", ...results)];
  const cases: readonly (readonly [story: string, evidence: Evidence, tree: string, standing: string])[] = [
    ["nothing known", NO_EVIDENCE, "a", "unchecked"],
    ["no check is set", evidenceOf(run([])), "a", "unchecked"],
    ["never run", evidenceOf(run(), AGENT), "a", "due"],
    ["passed", evidenceOf(done("passed")), "a", "passed"],
    ["passed, and left files behind", evidenceOf(done("passed")), "b", "passed"],
    ["passed, and an agent changed nothing", evidenceOf(done("passed"), AGENT), "a", "passed"],
    ["passed, and an agent changed something", evidenceOf(done("passed"), AGENT), "b", "due"],
    ["failed", evidenceOf(done("failed")), "a", "failed"],
    ["failed, and an agent changed nothing", evidenceOf(done("failed"), AGENT), "a", "due"],
    ["one of two failed", evidenceOf(done("passed", "failed")), "a", "failed"],
    ["stopped in the second", evidenceOf(done("passed", "aborted")), "a", "due"],
    ["killed in the second", evidenceOf(done("passed", "passed").slice(0, -1)), "a", "due"],
    ["another check is set since", evidenceOf(done("passed"), run([LINT])), "a", "due"],
    ["the same checks, in another run", evidenceOf(done("passed"), run()), "a", "passed"],
    ["checks are no longer set", evidenceOf(done("passed"), run([])), "a", "unchecked"],
    [
      "failed as before the first change, and accepted",
      evidenceOf(run(), round("baseline", "0", "failed"), ACCEPTED, AGENT, round("end", "a", "failed")),
      "a",
      "passed",
    ],
    [
      "failed as before the first change, but another one, too",
      evidenceOf(
        run([TEST, LINT]),
        round("baseline", "0", "failed", "passed"),
        ACCEPTED,
        AGENT,
        round("end", "a", "failed", "failed"),
      ),
      "a",
      "failed",
    ],
  ];
  for (const [story, evidence, tree, standing] of cases) assert.equal(standingOf(evidence, tree), standing, story);
});

Deno.test("decide() runs the checks before any agent, and waits for a person if they fail", () => {
  const onStart = (...events: Part[]): Decision =>
    decide({ ...CALM, evidence: evidenceOf(...events) }, { kind: "started" });
  const check = { kind: "check", stage: "baseline" };
  assert.deepEqual(onStart(run([])), { kind: "continue" });
  assert.deepEqual(onStart(run()), check);
  assert.deepEqual(onStart(run(), round("baseline", "a", "passed")), { kind: "continue" });
  const red = round("baseline", "a", "failed");
  assert.deepEqual(onStart(run(), red), {
    kind: "pause",
    pause: { for: "red_baseline", gate: undefined, wants: undefined },
    detail: 'Before any change, the check "npm test" (exit code 1) failed',
  });
  assert.deepEqual(onStart(run(), red, run()), check, "run again, they are tried again");
  assert.deepEqual(onStart(run(), red, ACCEPTED, run()), { kind: "continue" });
  const more = run([TEST, LINT]);
  assert.deepEqual(onStart(run(), red, ACCEPTED, more), check, "another check is set since");
  const both = onStart(run(), red, ACCEPTED, more, round("baseline", "a", "failed", "failed"));
  assert.equal(both.kind, "pause", "nobody has accepted that the other one fails");
  assert.deepEqual(onStart(run(), round("baseline", "a", "aborted"), run()), check);
  assert.deepEqual(onStart(run([]), AGENT, run()), { kind: "continue" }, "it is too late for a baseline");
});

Deno.test("decide() enters no review and no end, and is never done, before the checks pass", () => {
  const evidence = { due: evidenceOf(run(), AGENT), failed: evidenceOf(run(), AGENT, round("end", "a", "failed")) };
  const passed = evidenceOf(run(), AGENT, round("end", "a", "passed"));
  let [blocked, sentBack] = [0, 0];
  for (const { state, event } of everyCase()) {
    if (event.kind === "started") continue;
    const free = decide(state, event);
    const isGuarded =
      (free.kind === "enter" && (PHASES[free.phase].isReview || PHASES[free.phase].next.length === 0)) ||
      (free.kind === "stop" && free.outcome.kind === "done");
    const [due, failed] = [evidence.due, evidence.failed].map((evidence) =>
      decide({ ...state, evidence, tree: "a" }, event)
    );
    assert.ok(same(decide({ ...state, evidence: passed, tree: "a" }, event), free));
    if (!isGuarded) continue;
    blocked++;
    const isStopping = state.stopRequestedBy !== undefined || (event.kind === "ended" && event.end.kind === "aborted");
    if (isStopping) assert.equal(due?.kind === "stop" && due.outcome.kind, "stopped");
    else assert.equal(due?.kind, "check");
    assert.ok(failed?.kind === "stop" ? failed.outcome.kind !== "done" : failed?.kind === "enter", `${failed?.kind}`);
    if (failed?.kind === "enter") {
      sentBack++;
      assert.deepEqual(failed, {
        kind: "enter",
        phase: BUILDING,
        because: 'the check "npm test" (exit code 1) failed',
      });
    }
  }
  assert.ok(blocked > 100 && sentBack > 50, `${blocked} ${sentBack}`);
});

Deno.test("decide() does not go back for failing checks for ever", () => {
  const says = (signal: Signal): LoopEvent => ({
    kind: "ended",
    end: { kind: "finished" },
    reading: { kind: "signal", signal },
  });
  const evidence = evidenceOf(run(), AGENT, round("end", "a", "failed"));
  const state = { ...CALM, phase: "done", evidence, tree: "a", entries: { [BUILDING]: 8 } } as const;
  const decision = decide(state, says({ status: "done", summary: "All", phase: undefined }));
  assert.equal(decision.kind === "stop" && decision.outcome.kind, "blocked");
});
