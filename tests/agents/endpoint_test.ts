import assert from "node:assert/strict";
import { claudeEndpoint } from "../../src/agents/claude/endpoint.ts";
import { codexEndpoint } from "../../src/agents/codex/endpoint.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ALL = { settingSources: "user,project,local" };

Deno.test("claudeEndpoint() follows Claude Code's own order of settings, and a repository's only if trusted", () => {
  using temp = new TempFolder();
  const own = (variables: Readonly<Record<string, string>>): string => JSON.stringify({ env: variables });
  const env = { HOME: temp.path };
  const facts = { env, workplace: temp.at("work"), trustsRepository: true };
  assert.equal(claudeEndpoint(facts, ALL), "https://api.anthropic.com");
  assert.equal(claudeEndpoint({ ...facts, env: { ...env, ANTHROPIC_BASE_URL: "http://env" } }, ALL), "http://env");
  temp.file(".claude/settings.json", own({ ANTHROPIC_BASE_URL: "http://user" }));
  assert.equal(claudeEndpoint({ ...facts, env: { ...env, ANTHROPIC_BASE_URL: "http://env" } }, ALL), "http://user");
  temp.file("work/.claude/settings.json", own({ ANTHROPIC_BASE_URL: "http://project" }));
  assert.equal(claudeEndpoint(facts, ALL), "http://project");
  assert.equal(claudeEndpoint({ ...facts, trustsRepository: false }, ALL), "http://user");
  assert.equal(claudeEndpoint(facts, { settingSources: "user" }), "http://user");
  temp.file("work/.claude/settings.local.json", own({ CLAUDE_CODE_USE_BEDROCK: "1" }));
  assert.equal(claudeEndpoint(facts, ALL), undefined, "a cloud");
  temp.file("work/.claude/settings.local.json", own({ HTTPS_PROXY: "http://proxy" }));
  assert.equal(claudeEndpoint(facts, ALL), undefined, "a proxy that only the agent knows");
  temp.file("work/.claude/settings.local.json", "{");
  assert.equal(claudeEndpoint(facts, ALL), "http://project");
});

Deno.test("codexEndpoint() follows Codex's configuration and login", () => {
  using temp = new TempFolder();
  const facts = { env: { CODEX_HOME: temp.path }, workplace: temp.path, trustsRepository: true };
  const at = (config: string): string | undefined => {
    temp.file("config.toml", config);
    return codexEndpoint(facts);
  };
  assert.equal(codexEndpoint(facts), "https://api.openai.com");
  temp.file("auth.json", JSON.stringify({ tokens: { id_token: "t" } }));
  assert.equal(codexEndpoint(facts), "https://chatgpt.com");
  assert.equal(at('openai_base_url = "http://own/v1"'), "http://own/v1");
  const fake = '[model_providers.fake]\nbase_url = "http://fake/v1"\n';
  assert.equal(at(`model_provider = "fake"\n${fake}`), "http://fake/v1");
  assert.equal(at(`profile = "night"\n${fake}[profiles.night]\nmodel_provider = "fake"\n`), "http://fake/v1");
  assert.equal(at('model_provider = "ollama"'), undefined, "one of its own, whose address is not known");
  assert.equal(at("model_provider = "), "https://chatgpt.com", "no configuration");
});
