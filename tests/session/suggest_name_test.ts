import assert from "node:assert/strict";
import { checkSessionName } from "../../src/session/session_name.ts";
import { suggestName } from "../../src/session/suggest_name.ts";

for (
  const [task, name] of [
    ["Add JWT login", "add-jwt-login"],
    ["  Fix: don't crash — when `x` is …\n\nSecond paragraph", "fix-dont-crash-when-x"],
    ["Füge ÄÖÜ hinzu", "fuge-aou-hinzu"],
    ["один два", "session"],
    ["", "session"],
    ["../../etc/passwd --force .lock", "etc-passwd-force-lock"],
    ["internationalization accessibility documentation", "internationalization-accessibility"],
    ["x".repeat(200), "x".repeat(40)],
    [`a ${"x".repeat(200)}`, "a"],
    ["\x1b[31m\u202eadd\u0000 it", "31m-add-it"],
  ] as const
) {
  Deno.test(`suggestName() makes ${name} of ${JSON.stringify(task.slice(0, 50))}`, () => {
    assert.equal(suggestName(task), name);
    checkSessionName(name);
  });
}

Deno.test("suggestName() takes a short look at a task without end", () => {
  assert.equal(suggestName("- ".repeat(50_000_000)), "session");
});
