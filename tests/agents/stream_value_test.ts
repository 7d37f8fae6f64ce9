import assert from "node:assert/strict";
import { aboutTool } from "../../src/agents/stream_value.ts";

Deno.test("aboutTool() takes the most important input, whatever their order", () => {
  assert.equal(aboutTool({ description: "List files", command: "ls -l" }), "ls -l");
  assert.equal(aboutTool({ content: "secret", file_path: "/a/b.ts" }), "/a/b.ts");
  assert.equal(aboutTool({ pattern: "x+", path: "src" }), "src");
  assert.equal(aboutTool({ prompt: "do it all", description: "do sub" }), "do sub");
});

Deno.test("aboutTool() never takes a file's contents", () => {
  for (const name of ["content", "new_string", "old_string", "text", "data"]) {
    assert.equal(aboutTool({ [name]: "x" }), "");
  }
});

Deno.test("aboutTool() skips empty inputs and other types", () => {
  assert.equal(aboutTool({ command: " \n", file_path: 7, path: null, pattern: ["a"], query: " deno " }), "deno");
  assert.equal(aboutTool({}), "");
});
