import assert from "node:assert/strict";
import { isOwnChannel } from "../../src/operations/own_channels.ts";
import { samocodeIn } from "../helpers/background.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { McpClient } from "./mcp_client.ts";

const CHANNEL = { TELEGRAM_BOT_TOKEN: "1:secret", TELEGRAM_CHAT_ID: "7" };

Deno.test("the first act of a person's MCP server makes its channels trusted; that of an agent's server does not", async () => {
  using project = new TempProject();
  const isOwn = (): boolean => isOwnChannel(samocodeIn(project.root, { ...project.env, ...CHANNEL }), "telegram");
  const act = async (env: Readonly<Record<string, string>>): Promise<void> => {
    await using client = await McpClient.connect(project, { env: { ...CHANNEL, ...env } });
    await client.call("read_status", { session: "nothing" });
    assert.equal(isOwn(), false, "a look is no use of a channel");
    await client.call("resume_session", { session: "nothing" });
  };
  await act({ CLAUDE_CODE_CHILD_SESSION: "1", TMPDIR: "/nowhere" });
  assert.equal(isOwn(), false);
  await act({ TMPDIR: project.root });
  assert.equal(isOwn(), true);
});
