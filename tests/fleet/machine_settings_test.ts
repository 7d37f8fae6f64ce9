import assert from "node:assert/strict";
import { join } from "node:path";
import { environmentFor } from "../../src/fleet/machine_settings.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

Deno.test("environmentFor() takes how to work from a submitter, and nothing that guards, places or runs on the machine", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("samocode"));
  Deno.writeTextFileSync(join(folder.at("samocode"), ".env"), "CLAUDE_MODEL=own\n");
  const machine = { XDG_CONFIG_HOME: folder.path, SAMOCODE_MAX_COST: "5", SAMOCODE_FLEET: "postgres://secret" };
  const taken = {
    SAMOCODE_PROVIDER: "demo",
    SAMOCODE_PROVIDER_QUALITY: "codex",
    SAMOCODE_MODEL_PLANNING: "m",
    SAMOCODE_MAX_STARTS: "7",
    SAMOCODE_CHECK_TIMEOUT: "60",
    CODEX_TIMEOUT: "60",
    GIT_BRANCH_PREFIX: "night/",
  };
  const refused = {
    SAMOCODE_MAX_COST: "1000000",
    CLAUDE_MODEL: "dear",
    SAMOCODE_MAX_COST_PER_DAY: "off",
    SAMOCODE_MAX_PARALLEL: "9",
    SAMOCODE_GUARD: "off",
    SAMOCODE_GUARD_WRITABLE: "/",
    CLAUDE_PATH: "/tmp/x",
    CLAUDE_PERMISSION_MODE: "bypassPermissions",
    CODEX_SANDBOX_MODE: "danger-full-access",
    SAMOCODE_FLEET_SETUP: "rm -rf x",
    SAMOCODE_NOTIFY_COMMAND: "x",
    MAIN_REPO: "/",
    CHECK: "x",
    PATH: "/tmp",
    LD_PRELOAD: "x.so",
    OTEL_EXPORTER_OTLP_TIMEOUT: "1",
    SAMOCODE_MODEL_TESTING: "a\0b",
  };
  const { SAMOCODE_FLEET: _fleet, ...own } = machine;
  assert.deepEqual(environmentFor(machine, { settings: { ...taken, ...refused } }), { ...own, ...taken });
});
