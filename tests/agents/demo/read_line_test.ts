import assert from "node:assert/strict";
import { readLine } from "../../../src/agents/demo/read_line.ts";
import { NO_USAGE } from "../../../src/workflow/usage.ts";

Deno.test("readLine() reads what the demo prints, and ignores everything else", () => {
  const verdict = { type: "verdict", ok: true, cause: "unknown", detail: "", usage: { ...NO_USAGE, costUsd: 0 } };
  for (const printed of [{ type: "agent.acted", tool: "Bash", about: "ls" }, verdict]) {
    assert.deepEqual(readLine(JSON.stringify(printed)), [printed]);
  }
  const others = ["", "{", "null", "[]", '{"type":"agent.said"}', '{"type":"session.stopped"}'];
  for (const line of [...others, JSON.stringify({ ...verdict, usage: {} })]) assert.deepEqual(readLine(line), [], line);
});
