/**
 * How often one call reads the journal: a long one takes a second, and a parent asks often.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandLine, START, WHOLE_AGENT } from "../cli/command_line.ts";
import { IS_BINARY } from "../helpers/program_under_test.ts";
import { slow, slowTest } from "../helpers/slow.ts";
import { McpClient, McpProject } from "../mcp/mcp_client.ts";

/** A journal is read whole when it is opened, and never again. */
async function countReads(act: () => Promise<unknown>): Promise<number> {
  const { openSync } = Deno;
  let count = 0;
  Deno.openSync = (path, options) => {
    if (String(path).endsWith("_journal.jsonl")) count++;
    return openSync(path, options);
  };
  try {
    await act();
  } finally {
    Deno.openSync = openSync;
  }
  return count;
}

slowTest("status, answer, approve, logs and a dry run read the journal once each", async () => {
  using line = new CommandLine();
  const counted = async (...args: string[]): Promise<void> => {
    assert.equal(await countReads(() => line.type(args, { answers: ["A", "so"] })), 1, args.join(" "));
  };
  await line.typeWithAgent(WHOLE_AGENT, START);
  await counted("status", "top");
  await counted("logs", "top");
  await counted("run", "top", "--dry-run");
  await counted("answer", "top");
  await line.typeWithAgent(WHOLE_AGENT, ["run", "top"]);
  await counted("approve", "top", "--reject", "shorter");
  await counted("guide", "top", "be brief");
});

/** Says on standard error when the server opens a journal. */
const TELLING = `
const { openSync } = Deno;
Deno.openSync = (path, options) => {
  if (String(path).endsWith("_journal.jsonl")) console.error("journal opened");
  return openSync(path, options);
};
`;

Deno.test(slow({
  name: "read_status, wait_session, answer_qa and approve_plan read the journal once each",
  ignore: IS_BINARY,
  async fn(): Promise<void> {
    using project = new McpProject();
    const preload = join(project.root, "telling.js");
    Deno.writeTextFileSync(preload, TELLING);
    const counted = async (tool: string, args: Readonly<Record<string, unknown>>): Promise<void> => {
      const client = await McpClient.connect(project, { preload, env: { SAMOCODE_GATE: "agent" } });
      await client.status(tool, { session: "top", ...args });
      await client.close();
      assert.equal((await client.stderr).match(/journal opened/g)?.length, 1, tool);
    };
    await using other = await McpClient.connect(project);
    await other.status("start_session", { task: "Add --top", session: "top" });
    await counted("read_status", {});
    await counted("wait_session", {});
    await counted("answer_qa", { answers: { Q1: "A" } });
    await counted("answer_qa", { accept_suggestions: true, wait: false });
    const { plan } = await other.status("wait_session", { session: "top" });
    await counted("approve_plan", { decision: "approve", sha256: plan.sha256, wait: false });
    await counted("approve_plan", { decision: "approve", sha256: plan.sha256, wait: false });
    await other.status("wait_session", { session: "top" });
  },
}));
