/**
 * What a model sees of the server before it calls anything: it pays for it in tokens, in every session.
 *
 * @module
 */
import assert from "node:assert/strict";
import { INSTRUCTIONS } from "../../mcp/server.ts";
import { McpClient, McpProject, type Wire } from "./mcp_client.ts";

/** The most that all tools take, as the model sees them: names, descriptions and schemas. */
const MAX_TOOLS_BYTES = 6 * 1024;

/** Claude Code cuts instructions there. */
const MAX_INSTRUCTIONS_BYTES = 2048;

/** Changed on purpose only: a parent's prompts and permissions name these. */
const TOOLS: Readonly<Record<string, readonly string[]>> = {
  start_session: ["task", "dive?", "session?", "provider?", "light?"],
  wait_session: ["session", "max_seconds?", "until_phase?", "after?"],
  read_status: ["session?"],
  answer_qa: ["session", "answers?", "accept_suggestions?"],
  approve_plan: ["session", "decision", "sha256?", "feedback?"],
  raise_budget: ["session", "cost?", "tokens?", "starts?", "hours?", "day?"],
  resume_session: ["session", "guidance?", "task?", "light?"],
  stop_session: ["session", "now?"],
  read_artifact: ["session", "file?", "offset?", "limit?"],
};

for (const era of ["modern", "legacy"] as const) {
  Deno.test(`tools/list of the ${era} era has these tools with these arguments, in under 6 KB`, async () => {
    using project = new McpProject();
    await using client = await McpClient.connect(project, { era });
    const { tools } = await client.result("tools/list");
    const listed = tools.map(({ name, inputSchema }: Wire) => [
      name,
      Object.keys(inputSchema.properties).map((key) => inputSchema.required?.includes(key) ? key : `${key}?`),
    ]);
    assert.deepEqual(Object.fromEntries(listed), TOOLS);
    const seen = tools.map(({ name, description, inputSchema }: Wire) => ({ name, description, inputSchema }));
    const bytes = new TextEncoder().encode(JSON.stringify(seen)).length;
    assert.ok(bytes < MAX_TOOLS_BYTES, `${bytes} bytes`);
    assert.deepEqual(tools.filter(({ inputSchema }: Wire) => inputSchema.additionalProperties !== false), []);
    assert.deepEqual(
      tools.filter(({ annotations }: Wire) => annotations.readOnlyHint).map(({ name }: Wire) => name),
      ["wait_session", "read_status", "read_artifact"],
    );
  });
}

Deno.test("the server's instructions are short enough for clients, and name only existing tools", () => {
  assert.ok(new TextEncoder().encode(INSTRUCTIONS).length <= MAX_INSTRUCTIONS_BYTES);
  const named = INSTRUCTIONS.match(/\b[a-z]+_(?:session|status|qa|plan|artifact)\b/g) ?? [];
  assert.ok(named.length > 5);
  assert.deepEqual(named.filter((name) => !Object.hasOwn(TOOLS, name)), []);
});
