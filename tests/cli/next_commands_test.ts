import assert from "node:assert/strict";
import { nextSteps } from "../../src/cli/next_commands.ts";

const SESSION = { session: "top", folder: "/s/26-11-20-top", plan: undefined, branch: "my/top", mainRepo: "/my repo" };
const PLAN = { path: "11-20-05:09-plan-top.md", sha256: "0", done: 0, total: 2 };

Deno.test("nextSteps() says first where the plan lies that is to be approved", () => {
  const waiting = { kind: "waiting", for: "plan_approval", gate: "plan_approval", detail: "" } as const;
  assert.deepEqual(nextSteps(waiting, { ...SESSION, plan: PLAN }), [
    "Read /s/26-11-20-top/11-20-05:09-plan-top.md",
    "samocode approve top",
    'samocode approve top --reject "what is to be changed"',
    "samocode run top",
  ]);
});

Deno.test("nextSteps() shows what a session that is done has done, where it has a branch", () => {
  const done = { kind: "done", summary: "All of it" } as const;
  assert.deepEqual(nextSteps(done, SESSION), ["git -C '/my repo' diff ...my/top"]);
  assert.deepEqual(nextSteps(done, { ...SESSION, branch: undefined }), []);
});

Deno.test("nextSteps() sends who has no agent to the doctor", () => {
  const failed = { kind: "failed", reason: "The agent could not be started: claude not found" } as const;
  assert.deepEqual(nextSteps(failed, SESSION), ["samocode doctor", "samocode logs top", "samocode run top"]);
});
