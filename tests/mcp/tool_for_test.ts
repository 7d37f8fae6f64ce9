import assert from "node:assert/strict";
import { nextTool, sayAction } from "../../mcp/tool_for.ts";
import { refusal } from "../../mcp/reply.ts";
import { SamocodeError } from "../../src/text/errors.ts";

Deno.test("refusal() names the tool and the session, whatever its name looks like", () => {
  for (const session of ["v1.2-fix", "samocode", "run"]) {
    const error = new SamocodeError("conflict", "Cannot go on", {
      hint: "Go on with it",
      actions: [{ verb: "resume", session }],
    });
    const [said] = refusal(error, undefined).content;
    assert.deepEqual(said, {
      type: "text",
      text: `Cannot go on\nGo on with it: resume_session {"session":"${session}"}`,
    });
  }
});

Deno.test("sayAction() names start_session if there is no session, and a terminal command if there is no tool", () => {
  assert.equal(sayAction({ verb: "start" }), "start_session");
  assert.equal(sayAction({ verb: "init" }), "`samocode init` in a terminal");
  assert.equal(sayAction({ verb: "run", session: "top" }), "`samocode run top` in a terminal");
});

Deno.test("nextTool() returns the first action that has a tool", () => {
  assert.deepEqual(
    nextTool([{ verb: "doctor" }, { verb: "logs", session: "top" }, { verb: "resume", session: "top" }]),
    {
      tool: "resume_session",
      arguments: { session: "top" },
    },
  );
  assert.equal(nextTool([{ verb: "review", branch: "top" }]), undefined);
});
