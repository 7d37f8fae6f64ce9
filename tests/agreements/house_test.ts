/**
 * The drawing of the house, the folders, and the tests beside them agree.
 *
 * @module
 */
import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** The folders of tests that are about no one folder of the program. */
const SHARED_TESTS = ["agreements", "contracts", "e2e", "fixtures", "helpers"];

Deno.test("docs/architecture.md draws exactly the folders that exist: those at the top, and those in src/", () => {
  const [, drawing = ""] = /^## The house\n.*?```text\n(.*?)^```$/ms.exec(textOf("docs/architecture.md")) ?? [];
  const drawn = drawing.split("\n").flatMap((line) => /^([\w./-]+)\/ /.exec(line)?.[1] ?? []);
  const made = ["dist", "node_modules"];
  const top = foldersIn(".").filter((name) => name !== "src" && !name.startsWith(".") && !made.includes(name));
  assert.deepEqual(drawn.toSorted(), [...top, ...foldersIn("src").map((name) => `src/${name}`)].toSorted());
});

Deno.test("docs/architecture.md has the only drawing of the house, and CONTRIBUTING.md points to it", () => {
  const contributing = textOf("CONTRIBUTING.md");
  assert.match(contributing, /\]\(docs\/architecture\.md(?:#[\w-]+)?\)/);
  const drawing = /^ *(?:src\/\w+\/ |[\w→, ]*\boperations\b[\w→, ]* {3,})/m;
  const drawings = ["CONTRIBUTING.md", "README.md", ...filesIn("docs")].filter((path) => drawing.test(textOf(path)));
  assert.deepEqual(drawings, ["docs/architecture.md"]);
});

Deno.test("tests/ mirrors src/, mcp/, page/, tools/ and bench/", () => {
  const sources = ["src", "mcp", "page", "tools", "bench"].flatMap(filesIn).filter((path) => /\.tsx?$/.test(path))
    .map((path) => path.replace(/^src\//, ""));
  const tests = filesIn("tests").filter((path) => path.endsWith("_test.ts")).map((path) => path.replace(/^tests\//, ""))
    .filter((path) => !SHARED_TESTS.includes(path.split("/")[0] ?? ""));
  const lost = tests.filter((path) => !sources.some((source) => source.startsWith(`${dirname(path)}/`)));
  assert.deepEqual(lost, [], "tests in a folder that the program does not have");
  const astray = tests.filter((path) => {
    const name = basename(path).replace("_test.ts", ".ts");
    const named = sources.filter((source) => basename(source) === name && !source.startsWith("bench/"));
    return named.length > 0 &&
      !sources.some((source) => source.startsWith(`${dirname(path)}/`) && basename(source) === name);
  });
  assert.deepEqual(astray, [], "tests beside another folder than the module they are named after");
});

function foldersIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
}

function filesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

function textOf(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}
