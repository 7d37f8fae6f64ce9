import assert from "node:assert/strict";
import { join } from "node:path";
import { COMMANDS } from "../helpers/all_commands.ts";
import { ROOT } from "../helpers/program_under_test.ts";

/** Where errors come from that more than one door shows. */
const SHARED = ["loop", "operations", "session", "settings", "system", "workflow"];

function sourcesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? sourcesIn(path) : [path];
  });
}

Deno.test("a hint names no command and no tool: each door renders the error's actions in its own language", () => {
  const named = new RegExp(
    `samocode (?:${COMMANDS.map(({ name }) => name).join("|")})\\b|\\b(?:start|wait|resume|stop)_session\\b|` +
      "\\b(?:read_status|answer_qa|approve_plan|read_artifact)\\b",
  );
  const hints = SHARED.flatMap((layer) => sourcesIn(join(ROOT, "src", layer))).flatMap((path) =>
    [...Deno.readTextFileSync(path).matchAll(/hint:\s*([`'"])((?:\\.|(?!\1).)*)\1/gs)].map(([, , hint = ""]) => hint)
  );
  assert.ok(hints.length > 40, `found ${hints.length} hints`);
  assert.deepEqual(hints.filter((hint) => named.test(hint)), []);
});
