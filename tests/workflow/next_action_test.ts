import assert from "node:assert/strict";
import type { Action } from "../../src/text/action.ts";
import { type ActionFacts, hintFor, nextActions } from "../../src/workflow/next_action.ts";
import type { SessionNeed, SessionState } from "../../src/workflow/snapshot.ts";

const STATES: readonly SessionState[] = [
  "running",
  "waiting",
  "ready",
  "blocked",
  "done",
  "failed",
  "stopped",
  "crashed",
];
const NEEDS: readonly SessionNeed[] = ["none", "answers", "approval", "budget", "baseline", "unblock"];

const FACTS: ActionFacts = {
  session: "v1.2-fix",
  state: "waiting",
  needs: "none",
  movedTo: undefined,
  plan: { sha256: "ab" },
  branch: "my/v1.2-fix",
  hasNoAgent: false,
  isFinished: false,
};

const ALL = STATES.flatMap((state) =>
  NEEDS.flatMap((needs) =>
    ([undefined, "planning"] as const).flatMap((movedTo) =>
      [undefined, "my/v1.2-fix"].map((branch): ActionFacts => ({ ...FACTS, state, needs, movedTo, branch }))
    )
  )
);

function verbs(facts: Partial<ActionFacts>): readonly Action["verb"][] {
  return nextActions({ ...FACTS, ...facts }).map(({ verb }) => verb);
}

Deno.test("nextActions() names each state's acts, the likeliest first", () => {
  const said = STATES.map((state) => [state, ...NEEDS.map((needs) => verbs({ state, needs }).join(" "))]);
  const [ask, approve, pay, red] = [
    "answer resume",
    "approve revise resume",
    "raise_budget resume",
    "accept_baseline resume",
  ];
  assert.deepEqual(said, [
    ["running", "wait stop", "wait stop", "wait stop", "wait stop", "wait stop", "wait stop"],
    ["waiting", "resume", ask, approve, pay, red, "resume move"],
    ["ready", "resume", ask, approve, pay, red, "guide resume move"],
    ["blocked", "resume", ask, approve, pay, red, "guide resume move"],
    ["done", ...NEEDS.map(() => "finish review continue")],
    ["failed", "doctor logs resume", ask, approve, pay, red, "guide resume move"],
    ["stopped", "resume", ask, approve, pay, red, "guide resume move"],
    ["crashed", "resume", ask, approve, pay, red, "guide resume move"],
  ]);
});

Deno.test("nextActions() leaves nothing to review of what a person has merged, and only what is left to remove", () => {
  assert.deepEqual(verbs({ state: "done", isFinished: true }), ["finish", "continue"]);
  assert.deepEqual(verbs({ state: "done", isFinished: true, branch: undefined }), ["continue"]);
});

Deno.test("nextActions() goes on where a person moved the session, whatever it waited for and though it was done", () => {
  for (const facts of ALL) {
    if (facts.movedTo === undefined || facts.state === "running") continue;
    assert.deepEqual(nextActions(facts), [{ verb: "resume", session: "v1.2-fix" }], JSON.stringify(facts));
  }
});

Deno.test("nextActions() names the session as it is called, and leaves nobody without an act", () => {
  for (const facts of ALL) {
    const actions = nextActions(facts);
    assert.notEqual(actions.length, 0, JSON.stringify(facts));
    for (const action of actions) if ("session" in action) assert.equal(action.session, "v1.2-fix");
  }
});

Deno.test("nextActions() approves the plan as it is now", () => {
  const [approve] = nextActions({ ...FACTS, needs: "approval" });
  assert.deepEqual(approve, { verb: "approve", session: "v1.2-fix", sha256: "ab" });
});

Deno.test("hintFor() leads on from everywhere with one act, to a new task where the work is done", () => {
  for (const facts of ALL) {
    const { hint, actions } = hintFor(nextActions(facts));
    assert.match(hint, /^[A-Z]/);
    assert.equal(actions.length, 1);
    assert.equal(actions[0]?.verb === "continue", facts.state === "done" && !facts.movedTo, JSON.stringify(facts));
  }
});
