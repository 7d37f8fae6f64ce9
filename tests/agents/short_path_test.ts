import assert from "node:assert/strict";
import { shortPath } from "../../src/agents/short_path.ts";

const FOLDERS = ["/p/repo", "/p/repo/sessions/26-11-20-greet"];

Deno.test("shortPath() takes the folder away that a path lies in, the longer one of two", () => {
  assert.equal(shortPath("/p/repo/src/auth.ts", FOLDERS), "src/auth.ts");
  assert.equal(shortPath("/p/repo/sessions/26-11-20-greet/_overview.md", FOLDERS), "_overview.md");
  assert.equal(shortPath("C:\\repo\\a.ts", ["C:\\repo"]), "a.ts");
});

Deno.test("shortPath() leaves alone what lies elsewhere, the folder itself, and what is no path", () => {
  for (const text of ["/p/repository/a.ts", "/p/repo", "/p/repo/", "src/a.ts", "ls /p/repo/src", "", "/etc/passwd"]) {
    assert.equal(shortPath(text, FOLDERS), text);
  }
});
