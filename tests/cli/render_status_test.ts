import assert from "node:assert/strict";
import { nextCommands, nextSteps } from "../../src/cli/render_status.ts";
import type { Action } from "../../src/text/action.ts";

const PLACE = { folder: "/s/26-11-20-top", plan: undefined, handover: {} };

Deno.test("nextSteps() starts with the plan to read before approval", () => {
  const next: readonly Action[] = [{ verb: "approve", session: "top", sha256: "0" }, {
    verb: "resume",
    session: "top",
  }];
  const plan = { path: "11-20-05:09-plan-top.md", sha256: "0", done: 0, total: 2 };
  assert.deepEqual(nextSteps({ ...PLACE, plan, next }, "/repo"), {
    documents: ["Read /s/26-11-20-top/11-20-05:09-plan-top.md"],
    commands: ["samocode approve top", "samocode run top"],
  });
});

Deno.test("nextCommands() keeps the session's name, whatever it looks like", () => {
  for (const session of ["v1.2-fix", "samocode", "run", "answer"]) {
    const next: readonly Action[] = [{ verb: "revise", session }, { verb: "guide", session }, {
      verb: "wait",
      session,
    }];
    assert.deepEqual(nextCommands({ next }, "/repo"), [
      `samocode approve ${session} --reject "what to change"`,
      `samocode guide ${session} "what the agent should know"`,
      `samocode status ${session} --watch`,
    ]);
  }
});

Deno.test("nextCommands() quotes the repository in which to review the work", () => {
  const next: readonly Action[] = [{ verb: "review", branch: "my/top" }];
  assert.deepEqual(nextCommands({ next }, "/my repo"), ["git -C '/my repo' diff ...my/top"]);
});
