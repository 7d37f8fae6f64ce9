import assert from "node:assert/strict";
import { PROVIDERS } from "../../src/agents/registry.ts";
import { AGENT_PHASES } from "../../src/workflow/phases.ts";
import { isOfNoPhase, isSettingName, SETTING_NAMES, settingRow, SETTINGS } from "../../src/settings/settings_table.ts";

Deno.test("SAMOCODE_PROVIDER lets choose each provider that there is, and no other", () => {
  assert.deepEqual([...SETTINGS.SAMOCODE_PROVIDER.kind].sort(), Object.keys(PROVIDERS).sort());
});

Deno.test("SAMOCODE_FALLBACK_PROVIDER lets stand in whoever needs a model, and no other", () => {
  assert.deepEqual(
    [...SETTINGS.SAMOCODE_FALLBACK_PROVIDER.kind].sort(),
    Object.keys(PROVIDERS).filter((name) => name !== "demo").sort(),
  );
});

Deno.test("each row of SETTINGS has a name and a help that the help page can show in one line", () => {
  for (const [name, { help }] of Object.entries(SETTINGS)) {
    assert.match(name, /^[A-Z]+(?:_[A-Z]+)*(?:_<PHASE>)?$/);
    assert.match(help, /^[A-Z`d].{10,110}[^.]$/, name);
  }
});

Deno.test("SETTING_NAMES has each row once, and a row that ends in <PHASE> once for each phase an agent works in", () => {
  const written = Object.keys(SETTINGS).flatMap((row) =>
    row.endsWith("_<PHASE>") ? AGENT_PHASES.map((phase) => row.replace("<PHASE>", phase.toUpperCase())) : [row]
  );
  assert.deepEqual(SETTING_NAMES, written);
  assert.equal(SETTING_NAMES.length, Object.keys(SETTINGS).length + 12);
  assert.equal(settingRow("SAMOCODE_MODEL_DONE"), SETTINGS["SAMOCODE_MODEL_<PHASE>"]);
});

Deno.test("isOfNoPhase() finds the slips in a phase's name, and nothing else", () => {
  const names = [
    ...SETTING_NAMES,
    "PATH",
    "SAMOCODE_PROVIDER_",
    "SAMOCODE_PROVIDER_INIT",
    "SAMOCODE_MODEL_planning",
    "SAMOCODE_MODEL_<PHASE>",
    "SAMOCODE_MODEL",
  ];
  assert.deepEqual(names.filter(isOfNoPhase), names.slice(SETTING_NAMES.length + 1, -1));
  assert.deepEqual(names.filter((name) => !isSettingName(name)), names.slice(SETTING_NAMES.length));
});
