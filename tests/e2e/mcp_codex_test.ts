/**
 * The real Codex as parent. It speaks the protocol's older era, hands its servers next to no environment, and gives up
 * a call after 300 s.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startFakeModel } from "../helpers/fake_model.ts";
import { clientTest } from "../helpers/find_clients.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { McpProject } from "../mcp/mcp_client.ts";

const PARENT = {
  strict: true,
  rules: [{
    name: "parent",
    when: { api: "openai" },
    steps: [
      {
        tools: [{
          name: "mcp__samocode__start_session",
          input: { task: "Add --top", session: "top", provider: "demo" },
        }],
      },
      { tools: [{ name: "mcp__samocode__read_status", input: { session: "top" } }] },
      { tools: [{ name: "mcp__samocode__wait_session", input: { session: "top", max_seconds: 60 } }] },
      { text: "It asks two questions." },
    ],
  }],
};

clientTest("the real codex starts a session, reads its status and waits for its questions", "codex", async (found) => {
  await using model = await startFakeModel(found.fakeModel, PARENT);
  using project = new McpProject();
  const codexHome = join(project.root, "codex");
  const temporary = join(project.root, "tmp");
  for (const folder of [codexHome, temporary]) Deno.mkdirSync(folder);
  const [command, ...program] = programUnderTest();
  const args = [...program, "mcp"];
  const given = {
    DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno"),
    SAMOCODE_DEMO_PACE: "0",
    GIT_AUTHOR_NAME: "me",
    GIT_AUTHOR_EMAIL: "me@localhost",
    GIT_COMMITTER_NAME: "me",
    GIT_COMMITTER_EMAIL: "me@localhost",
  };
  const env = Object.entries(given).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",");
  const settings = [
    'model_provider="fake"',
    'model_providers.fake.name="fake"',
    `model_providers.fake.base_url=${JSON.stringify(`${model.url}/v1`)}`,
    'model_providers.fake.wire_api="responses"',
    'model_providers.fake.env_key="FAKE_KEY"',
    "analytics.enabled=false",
    "check_for_update_on_startup=false",
    'model="gpt-5.5-codex"',
    `mcp_servers.samocode.command=${JSON.stringify(command)}`,
    `mcp_servers.samocode.args=${JSON.stringify(args)}`,
    `mcp_servers.samocode.env={${env}}`,
    "mcp_servers.samocode.required=true",
    "mcp_servers.samocode.startup_timeout_sec=30",
  ];
  const { stdout, stderr, code } = await new Deno.Command(found.path, {
    args: [
      ...["exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--ephemeral"],
      ...["-C", project.root],
      ...settings.flatMap((setting) => ["-c", setting]),
      "Start",
    ],
    cwd: project.root,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: join(project.root, "home"),
      TMPDIR: temporary,
      CODEX_HOME: codexHome,
      FAKE_KEY: "fake",
    },
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.equal(code, 0, said + new TextDecoder().decode(stderr));
  const calls = said.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
    .filter(({ type, item }) => type === "item.completed" && item?.type === "mcp_tool_call")
    .map(({ item }) => [item.tool, item.result?.structured_content?.state]);
  assert.deepEqual(calls.map(([tool]) => tool), ["start_session", "read_status", "wait_session"], said);
  assert.deepEqual(calls.at(-1), ["wait_session", "waiting"], said);
  assert.match(
    project.events().flatMap((event) => event.type === "session.created" ? [event.by ?? ""] : []).join(),
    /^codex-mcp-client /,
  );
  assert.deepEqual(project.workers(), []);
});
