import assert from "node:assert/strict";
import { findChecks } from "../../src/project/find_checks.ts";
import { commandLine } from "../../src/text/command_words.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

/** Files of repositories, and what is proposed for them. */
const REPOSITORIES: readonly (readonly [files: Readonly<Record<string, string>>, checks: readonly string[]])[] = [
  [{}, []],
  [{ "package.json": '{"scripts":{"test":"vitest"}}' }, ["npm test"]],
  [{ "package.json": '{"scripts":{"test":"vitest"}}', "package-lock.json": "{}" }, ["npm ci", "npm test"]],
  [{ "package.json": '{"scripts":{"test":"vitest"}}', "pnpm-lock.yaml": "" }, [
    "pnpm install --frozen-lockfile",
    "pnpm test",
  ]],
  [{ "package.json": `{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}` }, []],
  [{ "package.json": '{"scripts":{"test":7}}' }, []],
  [{ "package.json": "not JSON", "Makefile": "all:\n\ntest: all\n\t./run\n" }, ["make test"]],
  [{ "package.json": "null" }, []],
  [{ "Makefile": "test := 1\ntests:\n" }, []],
  [{ "deno.json": '{ "tasks": { "test": "deno test -A" } }' }, ["deno task test"]],
  [{ "deno.json": '{ "tasks": { "build": "x" } }' }, []],
  [{ "Cargo.toml": "", "Makefile": "test:\n" }, ["cargo test"]],
  [{ "go.mod": "module a" }, ["go test ./..."]],
  [{ "pyproject.toml": "[tool.pytest.ini_options]\n" }, ["pytest"]],
  [{ "pyproject.toml": "[tool.pytest.ini_options]\n", "uv.lock": "" }, ["uv run pytest"]],
  [{ "pyproject.toml": "[project]\n" }, []],
];

Deno.test("findChecks() proposes a repository's own way to test itself, in constant words", () => {
  for (const [files, expected] of REPOSITORIES) {
    using folder = new TempFolder();
    for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(folder.at(name), text);
    assert.deepEqual(findChecks(folder.path).map(commandLine), expected, JSON.stringify(files));
  }
});
