import assert from "node:assert/strict";
import { AGENTS, FALLBACK_NAMES } from "../../src/agents/agents.ts";
import { AGENT_PHASES } from "../../src/workflow/phases.ts";
import { isOfNoPhase, SETTING_NAMES, SETTINGS } from "../../src/settings/settings_table.ts";

Deno.test("SAMOCODE_PROVIDER accepts every agent, SAMOCODE_FALLBACK_PROVIDER those that can fall back", () => {
  assert.deepEqual(SETTINGS.get("SAMOCODE_PROVIDER")?.kind, Object.keys(AGENTS));
  assert.deepEqual(SETTINGS.get("SAMOCODE_FALLBACK_PROVIDER")?.kind, FALLBACK_NAMES);
  assert.equal(FALLBACK_NAMES.includes("demo"), false);
});

Deno.test("each row of SETTINGS has a name and a help that the help page can show in one line", () => {
  for (const { name, help } of SETTINGS.values()) {
    assert.match(name, /^[A-Z]+(?:_[A-Z]+)*(?:_<PHASE>)?$/);
    assert.match(help, /^[A-Z`d].{10,110}[^.]$/, name);
  }
});

Deno.test("SETTING_NAMES has each row once, and a row that ends in <PHASE> once per phase with an agent", () => {
  const written = [...SETTINGS.keys()].flatMap((row) =>
    row.endsWith("_<PHASE>") ? AGENT_PHASES.map((phase) => row.replace("<PHASE>", phase.toUpperCase())) : [row]
  );
  assert.deepEqual([...SETTING_NAMES], written);
  assert.equal(SETTING_NAMES.size, SETTINGS.size + 12);
});

Deno.test("isOfNoPhase() finds misspelled phases, and nothing else", () => {
  const slips = ["SAMOCODE_PROVIDER_", "SAMOCODE_PROVIDER_INIT", "SAMOCODE_MODEL_planning", "SAMOCODE_MODEL_<PHASE>"];
  const names = [...SETTING_NAMES, "PATH", ...slips, "SAMOCODE_MODEL"];
  assert.deepEqual(names.filter(isOfNoPhase), slips);
});
