import assert from "node:assert/strict";
import { join } from "node:path";
import { parseAgent, readAgent, readWorkflow } from "../../src/prompt/shipped_files.ts";
import { PHASES } from "../../src/workflow/phases.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

Deno.test("readAgent() finds the agent of every phase, and every shipped agent works in one", () => {
  const named = Object.values(PHASES).flatMap(({ agent }) => agent ?? []);
  for (const name of named) {
    const agent = readAgent(ROOT, name);
    assert.equal(agent.name, name);
    assert.ok(agent.description.length > 20 && agent.prompt.length > 200 && agent.tools.length > 2, name);
    assert.doesNotMatch(agent.prompt, /^---/);
    for (const tool of agent.tools) assert.match(tool, /^[A-Z]\w*(?:\([^()]+\))?$/, name);
    assert.equal(new Set(agent.tools).size, agent.tools.length);
  }
  const files = [...Deno.readDirSync(join(ROOT, "agents"))].map((entry) => entry.name.replace(/\.md$/, ""));
  assert.deepEqual(files.sort(), [...named].sort());
});

Deno.test("parseAgent() splits front matter and prompt, with LF and CRLF", () => {
  const text =
    "---\nname: a\ndescription: Does: things # really\ntools: Read, Bash(git log:*) ,,Edit\n---\n\n# A\n---\nname: b\n";
  for (const written of [text, text.replaceAll("\n", "\r\n")]) {
    const { prompt, ...head } = parseAgent(written);
    assert.deepEqual(head, {
      name: "a",
      description: "Does: things # really",
      tools: ["Read", "Bash(git log:*)", "Edit"],
    });
    assert.equal(prompt.replaceAll("\r", ""), "# A\n---\nname: b");
  }
  assert.deepEqual(parseAgent("---\ntoolset: x\n---\n"), { name: "", description: "", tools: [], prompt: "" });
});

Deno.test("parseAgent() rejects a file without front matter", () => {
  for (const text of ["", "# A", "---\nname: a\n", "name: a\n---\n", " ---\nname: a\n---\n"]) {
    assert.throws(() => parseAgent(text), {
      name: "SamocodeError",
      message: "Cannot read an agent's file: it has no front matter",
    });
  }
});

Deno.test("readWorkflow() and readAgent() say which part of the program is missing", () => {
  assert.match(readWorkflow(ROOT), /"status": "continue"/);
  using temp = new TempFolder();
  assert.throws(() => readWorkflow(temp.path), {
    name: "SamocodeError",
    code: "system",
    message: /^Cannot read the shipped file workflow\.md: /,
    hint: "Reinstall samocode: a part of it is missing",
  });
  assert.throws(
    () => readAgent(temp.path, "x-agent"),
    /^SamocodeError: Cannot read the shipped file agents\/x-agent\.md: /,
  );
});
