import assert from "node:assert/strict";
import { join } from "node:path";
import { CLIENT_NAMES, CLIENT_PINS } from "../../tools/client_pins.ts";

Deno.test("docs/mcp.md names the versions that the server is checked with", () => {
  const text = Deno.readTextFileSync(join(import.meta.dirname ?? ".", "..", "..", "docs", "mcp.md"));
  const lacking = CLIENT_NAMES.filter((name) => name !== "node" && !text.includes(` ${CLIENT_PINS[name].version}`));
  assert.deepEqual(lacking, []);
});
