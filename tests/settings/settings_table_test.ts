import assert from "node:assert/strict";
import { PROVIDERS } from "../../src/providers/registry.ts";
import { SETTING_NAMES, SETTINGS } from "../../src/settings/settings_table.ts";

Deno.test("SAMOCODE_PROVIDER lets choose each provider that there is, and no other", () => {
  assert.deepEqual([...SETTINGS.SAMOCODE_PROVIDER.kind].sort(), Object.keys(PROVIDERS).sort());
});

Deno.test("each row of SETTINGS has a name and a help that the help page can show in one line", () => {
  assert.deepEqual(SETTING_NAMES, Object.keys(SETTINGS));
  for (const [name, { help }] of Object.entries(SETTINGS)) {
    assert.match(name, /^[A-Z]+(?:_[A-Z]+)*$/);
    assert.match(help, /^[A-Z`d].{10,110}[^.]$/, name);
  }
});
