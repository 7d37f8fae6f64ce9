import assert from "node:assert/strict";
import { shellWord } from "../../src/text/shell_word.ts";

const PATHS = ["/a/b-c_d.e", "/a b", "/it's", "/$HOME/`id`", '/"a"', "/a;b&c|d", "/a\nb", "/*", "/\\", "~", "", "/é"];

Deno.test("shellWord() quotes any path so that a shell reads it back", () => {
  const script = `for word in ${PATHS.map(shellWord).join(" ")}; do printf '%s\\0' "$word"; done`;
  const { stdout } = new Deno.Command("sh", { args: ["-c", script], cwd: "/" }).outputSync();
  assert.deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), PATHS);
});

Deno.test("shellWord() leaves a simple path unquoted", () => {
  assert.equal(shellWord("/home/me/a-b_c.d/e@f:g+h"), "/home/me/a-b_c.d/e@f:g+h");
});
