import assert from "node:assert/strict";
import { circlesIn, importsIn, readImports } from "../../tools/check_imports.ts";
import { ROOT } from "../helpers/program_under_test.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

Deno.test("importsIn() finds every form of relative import, types included, and nothing else", () => {
  const text = [
    'import "./effect.ts";',
    'import assert from "node:assert/strict";',
    'import { a } from "../a.ts";',
    'import type { B } from "./b.ts";',
    "import {",
    "  c,",
    "  type D,",
    '} from "./deep/c.ts";',
    'export { e } from "./e.ts";',
    'export * from "./f.ts";',
    'export const text = "x"; // from "./comment.ts"',
    'const { g } = await import("./g.ts");',
  ].join("\n");
  assert.deepEqual(importsIn(text, "src/part/module.ts"), [
    "src/part/effect.ts",
    "src/a.ts",
    "src/part/b.ts",
    "src/part/deep/c.ts",
    "src/part/e.ts",
    "src/part/f.ts",
    "src/part/g.ts",
  ]);
});

Deno.test("circlesIn() names a shortest circle of each knot, and none where imports only go down", () => {
  const graph = (edges: Readonly<Record<string, string>>) =>
    new Map(Object.entries(edges).map(([path, targets]) => [path, targets.split(" ").filter((each) => each !== "")]));
  assert.deepEqual(circlesIn(graph({ main: "a b", a: "ground", b: "a ground", ground: "" })), []);
  assert.deepEqual(circlesIn(graph({ main: "a", a: "b", b: "c a", c: "a", alone: "alone", outside: "nowhere" })), [
    ["a", "b"],
    ["c", "a", "b"],
    ["alone"],
  ]);
});

Deno.test("no module of the project imports itself, directly or through others", () => {
  using folder = new TempFolder();
  folder.file("src/a.ts", 'import type { B } from "./deep/b.ts";\nexport type A = B;\n');
  folder.file("src/deep/b.ts", 'import type { A } from "../a.ts";\nexport type B = A;\n');
  assert.deepEqual(circlesIn(readImports(folder.path, ["src"])), [["src/a.ts", "src/deep/b.ts"]]);
  const graph = readImports(ROOT, ["main.ts", "src", "mcp", "tools"]);
  assert.deepEqual([...graph.get("src/workflow/decide.ts") ?? []].includes("src/workflow/phases.ts"), true);
  assert.deepEqual(circlesIn(graph), []);
});
