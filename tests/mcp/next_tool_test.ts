import assert from "node:assert/strict";
import { sayAction } from "../../mcp/next_tool.ts";

Deno.test("sayAction() names start_session if there is no session, and a terminal command if there is no tool", () => {
  assert.equal(sayAction({ verb: "start" }), "start_session");
  assert.equal(sayAction({ verb: "init" }), "`samocode init` in a terminal");
  assert.equal(sayAction({ verb: "run", session: "top" }), "`samocode run top` in a terminal");
});

Deno.test("sayAction() shows where the words of the user's task go", () => {
  assert.equal(sayAction({ verb: "continue", session: "top" }), 'resume_session {"session":"top","task":"…"}');
});
