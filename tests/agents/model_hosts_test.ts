import assert from "node:assert/strict";
import { AGENTS } from "../../src/agents/agents.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

Deno.test("modelHosts() of Claude Code knows its own hosts, a chosen one, and that a cloud's are unknown", () => {
  const { modelHosts } = AGENTS.claude;
  assert.deepEqual(modelHosts({}), { usual: ["api.anthropic.com", "platform.claude.com"], chosen: undefined });
  const url = "http://127.0.0.1:9000";
  assert.deepEqual(modelHosts({ ANTHROPIC_BASE_URL: url }).chosen, { url, from: "ANTHROPIC_BASE_URL" });
  assert.deepEqual(modelHosts({ CLAUDE_CODE_USE_BEDROCK: "1" }), { usual: [], chosen: undefined });
});

Deno.test("modelHosts() of Codex reads the service that its configuration chooses", () => {
  using folder = new TempFolder();
  const from = folder.at("config.toml");
  const chosen = (toml: string) => {
    folder.file("config.toml", toml);
    return AGENTS.codex.modelHosts({ CODEX_HOME: folder.path }).chosen;
  };
  assert.equal(AGENTS.codex.modelHosts({ CODEX_HOME: folder.path }).chosen, undefined);
  const tables = `
[model_providers.other]
base_url = "https://other.org/v1"

  [model_providers."mine"]
name = "Mine"
base_url = 'https://mine.org/v1'

[profiles.x]
model_provider = "other"
`;
  assert.equal(chosen(tables), undefined);
  assert.deepEqual(chosen(`model_provider = "mine" # mine${tables}`), { url: "https://mine.org/v1", from });
  assert.deepEqual(chosen(`model_provider = "other"${tables}`), { url: "https://other.org/v1", from });
  assert.deepEqual(chosen(`openai_base_url = "https://gate.org"${tables}`), { url: "https://gate.org", from });
  assert.equal(chosen(`# model_provider = "mine"${tables}`), undefined);
});
