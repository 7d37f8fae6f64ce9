import assert from "node:assert/strict";
import { join } from "node:path";
import { loadedBy } from "../helpers/loaded_modules.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

Deno.test("the program starts and shows a session without loading the schema library or the loop", () => {
  const loaded = [...loadedBy(join(ROOT, "main.ts"))].map((path) => path.replace(`${ROOT}/`, ""));
  assert.ok(loaded.includes("src/session/session_folder.ts"));
  assert.ok(loaded.includes("leven"));
  const rows = /\/(?:agents|channels|agent|channel|settings|post|when_to_tell)\.ts$/;
  const heavy = loaded.filter((path) => /^(?:src\/(?:loop|agents|channels)|mcp)\//.test(path) && !rows.test(path));
  assert.deepEqual([heavy, loaded.includes("zod"), loaded.includes("smol-toml")], [[], false, false]);
});

Deno.test("starting, showing a status and running load neither the page's server nor reports nor telemetry", () => {
  const ways = ["main.ts", "src/cli/commands/look.ts", "src/cli/commands/run.ts", "src/operations/run_here.ts"];
  for (const way of ways) {
    const loaded = [...loadedBy(join(ROOT, way))].map((path) => path.replace(`${ROOT}/`, ""));
    assert.ok(loaded.includes("src/session/session_folder.ts"), way);
    const heavy = loaded.filter((path) => /^src\/(?:view|report|html|telemetry)\/|fold_story/.test(path));
    assert.deepEqual(heavy.filter((path) => path !== "src/telemetry/settings.ts"), [], way);
  }
});

Deno.test("starting, showing a status and running load nothing of the fleet", () => {
  for (const way of ["main.ts", ...["look", "run", "decide", "list"].map((name) => `src/cli/commands/${name}.ts`)]) {
    const loaded = [...loadedBy(join(ROOT, way))].map((path) => path.replace(`${ROOT}/`, ""));
    assert.ok(loaded.includes("src/session/session_folder.ts"), way);
    const heavy = loaded.filter((path) => /^src\/fleet\//.test(path) || /^pg(?:-boss|-pool)?$/.test(path));
    assert.deepEqual(heavy, [], way);
  }
});
