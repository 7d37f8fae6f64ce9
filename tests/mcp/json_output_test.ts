import assert from "node:assert/strict";
import { join } from "node:path";
import { McpClient, McpProject } from "./mcp_client.ts";

const HOSTILE = "a\u202eb\u2066c\u2069d\u200ee\u200ff\u061cg\u0085h\u2028i\ufeffj\u001b[31mk\u0007l";
const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

Deno.test("neither --json nor the MCP server writes raw control or bidirectional characters", async () => {
  using project = new McpProject({ SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" });
  const { code, stdout } = await project.run(["run", "--session", "top", "--task", HOSTILE, "--dive", HOSTILE]);
  assert.equal(code, 10, stdout);
  assert.equal((await project.run(["guide", "top", HOSTILE])).code, 0);
  const folder = project.sessionFolder();
  Deno.writeTextFileSync(join(folder, "_qa.md"), `\n### Q9: ${HOSTILE}?\n\n**Suggestion:** ${HOSTILE}\n`, {
    append: true,
  });
  Deno.writeTextFileSync(join(folder, "notes.md"), HOSTILE);
  const twin = join(folder, "..", `26-01-01-${HOSTILE}`);
  Deno.mkdirSync(twin);
  Deno.copyFileSync(join(folder, "_journal.jsonl"), join(twin, "_journal.jsonl"));
  for (const act of [["status", "top"], ["status"], ["list"], ["logs", "top"], ["doctor"]]) {
    const said = await project.run([...act, "--json"]);
    for (const line of said.stdout.trimEnd().split("\n")) {
      assert.doesNotMatch(line, RAW, act.join(" "));
      JSON.parse(line);
    }
  }
  const { task } = JSON.parse((await project.run(["status", "top", "--json"])).stdout);
  assert.equal(task, HOSTILE);
  const client = await McpClient.connect(project);
  for (const session of [undefined, "top"]) await client.call("read_status", { ...(session && { session }) });
  const page = await client.call("read_artifact", { session: "top", file: "notes.md" });
  await client.result("resources/list");
  await client.close();
  assert.match(page.content[0].text, /a.*b/);
  assert.match(client.lines.join(), /\\u202e/);
  for (const line of client.lines) assert.doesNotMatch(line, RAW);
});
