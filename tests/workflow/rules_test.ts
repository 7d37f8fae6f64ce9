import assert from "node:assert/strict";
import { decide } from "../../src/workflow/decide.ts";
import type { Decision, LoopState } from "../../src/workflow/decision.ts";
import { needsTicks, PHASE_NAMES, PHASES } from "../../src/workflow/phases.ts";
import type { Review } from "../../src/workflow/review.ts";
import { missingAtEnd } from "../../src/workflow/rules.ts";
import type { Signal } from "../../src/workflow/iteration_events.ts";
import { CALM, ended, everyCase, holds, NO_SIGNALS, signaled, started, STATES } from "./decision_cases.ts";

const OPEN_STEPS = ["Phase 2: Refuse", "Phase 3: Say when"];

Deno.test("decide() begins no testing, review or end while the plan has unticked steps, whatever an agent signals", () => {
  const cases = everyCase().map(({ state, event }) => ({ state: { ...state, openSteps: OPEN_STEPS }, event }));
  holds(cases, (decision, _state, event) => {
    if (decision.kind === "stop") return decision.outcome.kind !== "done" || event.kind === "started";
    return decision.kind !== "enter" || !needsTicks(decision.phase);
  });
});

Deno.test("decide() tells the agent once which steps are unticked, and then asks a human", () => {
  const problem = 'asks for testing, but the approved plan has unticked steps: "Phase 2: Refuse", "Phase 3: Say when"';
  const state = { ...CALM, phase: "implementation", openSteps: OPEN_STEPS } as const;
  assert.deepEqual(asks(state, "testing"), { kind: "retry", delayMs: 0, because: problem, repair: true });
  assert.deepEqual(
    asks({ ...state, repairs: 1 }, "testing"),
    blocked(
      `The agent ${problem}, and was told so. Tick them, or leave them out: samocode phase top testing`,
    ),
  );
  assert.deepEqual(asks(state, "implementation"), { kind: "continue" });
});

Deno.test("decide() sends testing and quality back to implementation while the plan has unticked steps", () => {
  for (const [phase, target] of [["testing", "quality"], ["testing", "done"], ["quality", "testing"]] as const) {
    assert.deepEqual(asks({ ...CALM, phase, openSteps: ["one"] }, target), {
      kind: "enter",
      phase: "implementation",
      because: `the agent of the ${phase} phase asks for ${target}, but the approved plan has unticked steps: "one"`,
    });
  }
  const often = { ...CALM, phase: "testing", openSteps: ["one"], entries: { implementation: 8 } } as const;
  assert.deepEqual(
    asks(often, "quality"),
    blocked("Entered implementation 8 times; the session is probably looping"),
  );
});

Deno.test("decide() never goes on to the end, and never out of the review but back, after an open verdict", () => {
  for (const rounds of [1, 3]) {
    for (const isFresh of [true, false]) {
      const states = STATES.map((state) => ({ ...state, review: review("open", rounds, isFresh) }));
      holds(signaled({ states, ends: [{ kind: "finished" }] }), (decision, { phase }, event) => {
        if (decision.kind !== "enter" || event.kind !== "ended") return true;
        const leavesReview = PHASES[phase].isReview && !PHASES[decision.phase].builds;
        const isLast = rounds >= 3 && isFresh && PHASES[phase].isReview === true;
        return decision.phase !== "done" && !leavesReview && !isLast;
      });
    }
  }
});

Deno.test("decide() asks a human after the last round with what it leaves open, and tells the agent in earlier ones", () => {
  const quality = { ...CALM, phase: "quality" } as const;
  for (const target of ["done", "testing", "implementation"] as const) {
    assert.deepEqual(
      asks({ ...quality, review: review("open", 3) }, target),
      blocked(
        "The last round 3 of the review leaves open: a leak, a race. Give guidance on what to do about it, or " +
          "accept it: samocode phase top done",
      ),
    );
  }
  assert.equal(asks({ ...quality, review: review("open", 3, false) }, "implementation").kind, "enter");
  assert.equal(asks({ ...quality, review: review("open", 2) }, "implementation").kind, "enter");
  assert.deepEqual(asks({ ...quality, review: review("open", 2) }, "done"), {
    kind: "retry",
    delayMs: 0,
    because: "asks for done, but round 2 of the review leaves open: a leak, a race; that goes to implementation first",
    repair: true,
  });
  for (const verdict of ["clean", "fixed"] as const) {
    assert.deepEqual(asks({ ...quality, review: review(verdict, 3) }, "done"), { kind: "enter", phase: "done" });
  }
  assert.equal(asks({ ...quality, review: undefined }, "done").kind, "retry", "a review without a report");
  assert.equal(asks({ ...quality, review: review(undefined, 1) }, "testing").kind, "retry", "one without a verdict");
});

Deno.test("decide() ends no session that lacks something: the agent is told once, then a human is asked", () => {
  const done: Signal = { status: "done", summary: "All is well", phase: undefined };
  const state = { ...CALM, phase: "done", missing: ["there is no summary"], openSteps: ["one"] } as const;
  const problem = 'says done, but the approved plan has unticked steps: "one"; there is no summary';
  assert.deepEqual(says(state, done), { kind: "retry", delayMs: 0, because: problem, repair: true });
  assert.deepEqual(says({ ...state, repairs: 1 }, done), blocked(`The agent ${problem}, and was told so.`));
});

Deno.test("decide() blocks where there is no progress, in place of whatever would cost, and of nothing else", () => {
  const stall = { starts: 5, seen: "the last 5 agent starts changed nothing" };
  const states = STATES.map((state) => ({ ...state, stall }));
  const cases = [...started(states), ...signaled({ states, ends: [{ kind: "finished" }] })];
  holds([...cases, ...ended({ states, readings: NO_SIGNALS })], (decision, state, event) => {
    const before = decide({ ...state, stall: undefined }, event);
    const isFree = before.kind === "stop" || before.kind === "pause";
    return JSON.stringify(decision) ===
      JSON.stringify(isFree ? before : blocked("No progress: the last 5 agent starts changed nothing"));
  });
});

Deno.test("missingAtEnd() wants a summary always, and report, pull-request text and a clean worktree of what was built", () => {
  const whole = { hasBuilt: true, hasSummary: true, hasReport: true, hasPullRequest: true, uncommitted: [] };
  assert.deepEqual(missingAtEnd(whole), []);
  const nothing = { hasSummary: false, hasReport: false, hasPullRequest: false };
  assert.deepEqual(missingAtEnd({ ...nothing, hasBuilt: false, uncommitted: [] }), [
    "there is no summary STAMP-summary.md",
  ]);
  assert.deepEqual(missingAtEnd({ ...nothing, hasBuilt: true, uncommitted: ["a", "b", "c", "d", "e", "f", "g"] }), [
    "there is no summary STAMP-summary.md",
    "there is no report STAMP-test-report.md or STAMP-quality-N.md",
    "there is no pull-request text STAMP-pull-request.md",
    "the worktree is not clean: a, b, c, d, e and 2 more",
  ]);
});

function review(verdict: Review["verdict"], rounds: number, isFresh = true): Review {
  const names = Array.from({ length: rounds }, (_, index) => `quality-${index + 1}.md`);
  return { report: names.at(-1) ?? "", verdict, findings: ["a leak", "a race"], rounds: names, isFresh };
}

function asks(state: LoopState, phase: (typeof PHASE_NAMES)[number]): Decision {
  return says(state, { status: "continue", phase });
}

function says(state: LoopState, signal: Signal): Decision {
  return decide(state, { kind: "ended", end: { kind: "finished" }, reading: { kind: "signal", signal } });
}

function blocked(reason: string): Decision {
  return { kind: "stop", outcome: { kind: "blocked", reason, needs: "human_decision" } };
}
