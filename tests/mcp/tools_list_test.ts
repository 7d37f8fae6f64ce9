/**
 * What a model sees of the server before it calls anything: it pays for it in tokens, in every session.
 *
 * @module
 */
import assert from "node:assert/strict";
import { instructionsFor } from "../../mcp/instructions.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import { McpClient, McpProject, type Wire } from "./mcp_client.ts";

/** The most that all tools take, as the model sees them: names, descriptions and schemas. */
const MAX_TOOLS_BYTES = 4_600;

/** They are in every chat; where there is no project, nothing but a line is of use. */
const MAX_INSTRUCTIONS_BYTES = { project: 700, none: 150 };

/** Changed on purpose only: a parent's prompts and permissions name these. */
const TOOLS: Readonly<Record<string, readonly string[]>> = {
  start_session: ["task", "dive?", "session?", "provider?", "max_cost?", "light?", "wait?"],
  wait_session: ["session", "max_seconds?", "until_phase?"],
  read_status: ["session?"],
  answer_qa: ["session", "answers?", "accept_suggestions?", "wait?"],
  approve_plan: ["session", "decision", "plan?", "sha256?", "feedback?", "wait?"],
  raise_budget: ["session", "cost?", "tokens?", "starts?", "hours?", "day?", "wait?"],
  resume_session: ["session", "guidance?", "task?", "light?", "wait?"],
  stop_session: ["session", "now?"],
  finish_session: ["session", "how", "into?", "head?", "losing?"],
  read_artifact: ["session", "file?", "offset?", "limit?"],
};

for (const era of ["modern", "legacy"] as const) {
  Deno.test(`tools/list of the ${era} era has these tools with these arguments, in few bytes`, async () => {
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
    assert.doesNotMatch(JSON.stringify(seen), /\$schema|propertyNames|9007199254740991/);
    assert.deepEqual(
      tools.flatMap(({ name, _meta }: Wire) => _meta?.["anthropic/searchHint"]?.startsWith("samocode ") ? [name] : []),
      ["start_session", "wait_session", "answer_qa", "approve_plan"],
    );
    assert.deepEqual(
      tools.filter(({ annotations }: Wire) => annotations.readOnlyHint).map(({ name }: Wire) => name),
      ["wait_session", "read_status", "read_artifact"],
    );
  });
}

Deno.test("the server's instructions are short, a line without a project, and name only existing tools", async () => {
  using project = new McpProject();
  using nowhere = new TempFolder();
  for (const [place, workingDirectory] of [["project", project.root], ["none", nowhere.path]] as const) {
    await using client = await McpClient.connect(project, { workingDirectory });
    const { instructions } = await client.result("server/discover");
    assert.equal(instructions, instructionsFor({ hasProject: place === "project" }));
    const bytes = new TextEncoder().encode(instructions).length;
    assert.ok(bytes <= MAX_INSTRUCTIONS_BYTES[place], `${bytes} bytes`);
    const named = instructions.match(/\b[a-z]+_(?:session|status|qa|plan|artifact)\b/g) ?? [];
    assert.equal(named.length, place === "project" ? 5 : 0);
    assert.deepEqual(named.filter((name: string) => !Object.hasOwn(TOOLS, name)), []);
  }
});
