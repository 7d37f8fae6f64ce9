import assert from "node:assert/strict";
import { join } from "node:path";
import { BELOW_DOORS, MAY_IMPORT } from "../../tools/lint/layer.ts";
import plugin from "../../tools/lint_plugin.ts";
import { ROOT } from "../helpers/program_under_test.ts";

interface Snippet {
  readonly path: string;
  readonly source: string;
}

/** What the plugin says of a snippet: `rule: message`, in the order of the text. */
function complaints({ path, source }: Snippet): readonly string[] {
  return Deno.lint.runPlugin(plugin, path, source)
    .toSorted((one, other) => one.range[0] - other.range[0])
    .map(({ id, message }) => `${id.replace("house/", "")}: ${message}`);
}

function assertClean(snippets: readonly Snippet[]): void {
  assert.deepEqual(snippets.map((snippet) => [snippet, complaints(snippet)]), snippets.map((snippet) => [snippet, []]));
}

function importing(path: string, target: string): Snippet {
  return { path, source: `import { x } from "${target}";\nx();` };
}

Deno.test("imports-go-down decides every pair of layers by the table, which has no way back up", () => {
  const layers = [...MAY_IMPORT.keys()].filter((layer) => layer !== "main");
  for (const from of layers) {
    for (const to of layers) {
      const path = from === "mcp" ? "mcp/deep/a.ts" : `src/${from}/a.ts`;
      const target = `${to === "mcp" ? "" : "src/"}${to}/b.ts`;
      const isAllowed = from === to || MAY_IMPORT.get(from)?.includes(to) === true;
      const isDoor = ["cli", "mcp"].includes(from) && BELOW_DOORS.includes(to);
      const up = `imports-go-down: Cannot import ${target} from ${from}: imports go down only`;
      const door = `imports-go-down: Cannot load ${target} from ${from}: a door only translates`;
      const server = `imports-go-down: Cannot load ${target} from page: a browser cannot run the server`;
      assert.deepEqual(
        complaints(importing(path, `../../${target}`)),
        isAllowed ? [] : [isDoor ? door : from === "page" && to === "view" ? server : up],
        `${from} imports ${to}`,
      );
      assert.ok(from === to || !isAllowed || MAY_IMPORT.get(to)?.includes(from) !== true, `${from} and ${to}`);
    }
  }
});

Deno.test("imports-go-down lets a door load session, workflow and system in no form, and know their types", () => {
  for (const door of ["src/cli/a.ts", "mcp/deep/a.ts"]) {
    for (const layer of ["session", "workflow", "system", "settings", "agents", "loop", "console"]) {
      const target = `../../src/${layer}/b.ts`;
      for (
        const source of [
          `import "${target}";`,
          `import { type A, b } from "${target}"; b();`,
          `export { b } from "${target}"; export const a = 1;`,
          `const b = await import("${target}");`,
        ]
      ) {
        const [complaint = "", ...more] = complaints({ path: door, source });
        assert.match(complaint, new RegExp(`^imports-go-down: Cannot load src/${layer}/b.ts from \\w+: a door only`));
        assert.deepEqual(more, []);
      }
      assertClean([
        { path: door, source: `import type { B } from "${target}"; export type A = B;` },
        { path: door, source: `export type A = import("${target}").B;` },
      ]);
    }
  }
});

Deno.test("imports-go-down looks at every form of import", () => {
  const message = "imports-go-down: Cannot import src/cli/b.ts from loop: imports go down only";
  for (
    const source of [
      `import "../cli/b.ts";`,
      `import type { B } from "../cli/b.ts";`,
      `export { b } from "../cli/b.ts"; export const a = 1;`,
      `export * from "../cli/b.ts"; export const a = 1;`,
      `const b = await import("../cli/b.ts");`,
      "const b = await import(`../cli/b.ts`);",
      `type B = import("../cli/b.ts").B;`,
    ]
  ) assert.deepEqual(complaints({ path: "src/loop/a.ts", source }), [message], source);
});

Deno.test("imports-go-down refuses a computed path, which it cannot judge", () => {
  assert.deepEqual(complaints({ path: "src/loop/a.ts", source: "await import(name);" }), [
    "imports-go-down: Cannot tell what is imported: the path is computed",
  ]);
});

Deno.test("imports-go-down keeps the MCP SDK under mcp/, and out of main.ts's start", () => {
  const sdk = `import { McpServer } from "@modelcontextprotocol/server";`;
  assert.deepEqual(complaints({ path: "src/cli/a.ts", source: sdk }), [
    "imports-go-down: Cannot import @modelcontextprotocol/server from cli: the MCP SDK belongs under mcp/",
  ]);
  assert.deepEqual(complaints({ path: "src/cli/a.ts", source: sdk.replace("@", "npm:@") }), [
    "imports-go-down: Cannot import npm:@modelcontextprotocol/server from cli: the MCP SDK belongs under mcp/",
  ]);
  assert.deepEqual(complaints(importing("main.ts", "./mcp/server.ts")), [
    "imports-go-down: Cannot import mcp/server.ts at the start: the MCP SDK would be loaded for every command",
  ]);
  assertClean([
    { path: "mcp/server.ts", source: sdk },
    { path: "tests/mcp/server_test.ts", source: sdk },
    { path: "main.ts", source: `const { serve } = await import("./mcp/server.ts");` },
    { path: "main.ts", source: `import type { Serve } from "./mcp/server.ts";` },
  ]);
});

Deno.test("imports-go-down refuses tools and tests in the program, and folders that are no layer", () => {
  assert.deepEqual(complaints(importing("src/cli/a.ts", "../../tools/compile.ts")), [
    "imports-go-down: Cannot import tools/compile.ts into the program: it is not shipped",
  ]);
  assert.deepEqual(complaints(importing("src/utils/a.ts", "../text/errors.ts")), [
    'imports-go-down: Cannot place src/utils/a.ts: layer "utils" is unknown',
  ]);
  assert.deepEqual(complaints(importing("src/a.ts", "./text/errors.ts")), [
    "imports-go-down: Cannot place src/a.ts: it lies in no layer",
  ]);
});

Deno.test("imports-go-down lets main, tests, tools, packages and data through", () => {
  assertClean([
    importing("main.ts", "./src/cli/run.ts"),
    importing("main.ts", "./src/text/errors.ts"),
    importing("tests/loop/a_test.ts", "../../src/cli/run.ts"),
    importing("tools/a.ts", "../src/cli/run.ts"),
    importing("src/loop/a.ts", "zod"),
    importing("src/loop/a.ts", "node:path"),
    { path: "src/cli/version.ts", source: `import config from "../../deno.json" with { type: "json" };` },
  ]);
});

Deno.test("rules know a file by its place in the project when the path is absolute", () => {
  assert.deepEqual(complaints(importing(join(ROOT, "src/loop/a.ts"), "../cli/b.ts")), [
    "imports-go-down: Cannot import src/cli/b.ts from loop: imports go down only",
  ]);
});

Deno.test("workflow-is-pure refuses what is not a function of its arguments", () => {
  for (
    const [source, what] of [
      [`Deno.readTextFileSync("a");`, "Deno"],
      [`export function f(file: Deno.FsFile): void {}`, "Deno"],
      [`await fetch("http://localhost");`, "fetch"],
      [`export function f({ get = fetch }: Options): void {}`, "fetch"],
      [`setTimeout(f, 1);`, "setTimeout"],
      [`setInterval(f, 1);`, "setInterval"],
      [`const id = crypto.randomUUID();`, "crypto"],
      [`const at = performance.now();`, "performance"],
      [`const home = process.cwd();`, "process"],
      [`const { now } = Date;`, "Date.now"],
      [`const at = Date.now();`, "Date.now"],
      [`const at = Date["now"]();`, "Date.now"],
      [`const now = Date.now;`, "Date.now"],
      [`const at = new Date();`, "new Date()"],
      [`const at = Date();`, "Date()"],
      [`const luck = Math.random();`, "Math.random"],
      [`const late = AbortSignal.timeout(1);`, "AbortSignal.timeout"],
      [`const all = { fetch };`, "fetch"],
      [`import { join } from "node:path"; join();`, "node:path"],
      [`const path = await import("node:path");`, "node:path"],
    ]
  ) {
    assert.deepEqual(
      complaints({ path: "src/workflow/a.ts", source: source ?? "" }),
      [`workflow-is-pure: Cannot use ${what} in src/workflow: it is pure`],
      source,
    );
  }
});

Deno.test("workflow-is-pure sees through globalThis", () => {
  assert.deepEqual(complaints({ path: "src/workflow/a.ts", source: "const at = globalThis.Date.now();" }), [
    "workflow-is-pure: Cannot use Date.now in src/workflow: it is pure",
    "workflow-is-pure: Cannot use globalThis in src/workflow: it is pure",
  ]);
});

Deno.test("workflow-is-pure lets values, names of properties and other folders through", () => {
  assertClean([
    { path: "src/workflow/a.ts", source: "export const at = (text: string): Date => new Date(text);" },
    { path: "src/workflow/a.ts", source: "export const day = (at: Date): number => Date.parse(at.toISOString());" },
    { path: "src/workflow/a.ts", source: "export const top = Math.max(1, 2);" },
    { path: "src/workflow/a.ts", source: "export const f = (end: { process: string }): string => end.process;" },
    { path: "src/workflow/a.ts", source: "export const words = { fetch: 1, process: 2, crypto: 3 };" },
    { path: "src/workflow/a.ts", source: "export interface E { readonly performance: number; fetch(): void }" },
    { path: "src/workflow/a.ts", source: `export const text = "Date.now() and Deno.env";` },
    { path: "src/system/clock.ts", source: "export const now = (): number => Date.now();" },
    { path: "tests/workflow/a_test.ts", source: `Deno.test("a", () => {});` },
  ]);
});

Deno.test("edges-only-in-main refuses environment, arguments, exit, console and the module's own place", () => {
  for (
    const [source, what] of [
      [`const home = Deno.env.get("HOME");`, "Deno.env"],
      [`const home = Deno["env"].get("HOME");`, "Deno.env"],
      [`const home = globalThis.Deno.env.get("HOME");`, "Deno.env"],
      [`const { env } = Deno;`, "Deno.env"],
      [`const { args: words } = globalThis.Deno;`, "Deno.args"],
      [`const [first] = Deno.args;`, "Deno.args"],
      [`Deno.exit(1);`, "Deno.exit"],
      [`Deno.exitCode = 1;`, "Deno.exitCode"],
      [`const home = process.env.HOME;`, "process.env"],
      [`const words = process.argv;`, "process.argv"],
      [`process.exit(1);`, "process.exit"],
      [`import { env } from "node:process"; f(env);`, "process.env"],
      [`console.log("hello");`, "console"],
      [`globalThis.console.log("hello");`, "console"],
      [`const { log } = console;`, "console"],
      [`const here = import.meta.dirname;`, "import.meta.dirname"],
      [`const here = new URL("a.md", import.meta.url);`, "import.meta.url"],
    ]
  ) {
    for (const path of ["src/loop/a.ts", "src/system/a.ts", "mcp/a.ts"]) {
      assert.deepEqual(
        complaints({ path, source: source ?? "" }),
        [`edges-only-in-main: Cannot use ${what} outside main.ts`],
        `${path}: ${source}`,
      );
    }
  }
});

Deno.test("edges-only-in-main lets main.ts, tools, benchmarks, tests and other uses of Deno through", () => {
  const edges = `console.log(Deno.env.get("HOME"), Deno.args, process.argv, import.meta.dirname);\nDeno.exit(0);`;
  assertClean([
    ...["main.ts", "tools/a.ts", "bench/a.ts", "tests/cli/a_test.ts"].map((path) => ({ path, source: edges })),
    { path: "src/system/a.ts", source: `export const read = (path: string): string => Deno.readTextFileSync(path);` },
    { path: "src/system/a.ts", source: `export const own = (): number => Deno.pid;` },
    { path: "src/cli/a.ts", source: `export const f = (io: { console: string }): string => io.console;` },
    { path: "src/cli/a.ts", source: `import { stdout } from "node:process"; stdout.isTTY;` },
    { path: "src/cli/a.ts", source: `export const LISTENERS = { console: 1 };` },
  ]);
});

Deno.test("no-phase-names refuses a phase as a string, a property or a case outside of its table", () => {
  for (
    const [source, name] of [
      [`export const a = "planning";`, "planning"],
      [`export const a = { quality: 1 };`, "quality"],
      [`export const a = { phase: "done" };`, "done"],
      [`export const f = (phase: string): boolean => phase === "init";`, "init"],
      [`export const f = (s: { phase: string }): boolean => "investigation" !== s.phase;`, "investigation"],
      [`switch (notebookPhase) { case "done": }`, "done"],
    ]
  ) {
    for (const path of ["src/loop/a.ts", "mcp/a.ts", "src/workflow/decide.ts"]) {
      assert.deepEqual(complaints({ path, source: source ?? "" }), [
        `no-phase-names: Cannot name the phase ${name} outside of PHASES`,
      ], source);
    }
  }
  assertClean([
    { path: "src/workflow/phases.ts", source: `export const a = { planning: "planning" };` },
    { path: "tests/loop/a_test.ts", source: `export const a = "planning";` },
    { path: "src/loop/a.ts", source: `export const a = { kind: "done", name: "init", needs: "investigation" };` },
    { path: "src/loop/a.ts", source: `export const f = (s: { kind: string }): boolean => s.kind === "done";` },
  ]);
});

Deno.test("no-barrel refuses a module that only hands on", () => {
  const barrel = `export * from "./b.ts";\nexport { c } from "./c.ts";`;
  assert.deepEqual(complaints({ path: "src/loop/mod.ts", source: barrel }), [
    "no-barrel: Cannot keep a module that only re-exports: it is a second place for the same thing",
  ]);
  assertClean([
    { path: "src/loop/a.ts", source: `${barrel}\nexport const a = 1;` },
    { path: "src/loop/a.ts", source: "export const a = 1;\nexport { a as b };" },
    { path: "tests/helpers/mod.ts", source: barrel },
    { path: "src/loop/a.ts", source: "" },
  ]);
});

Deno.test("the plugin gives a way out with each complaint", () => {
  const sources = [
    { path: "src/loop/a.ts", source: `import "../cli/b.ts"; import(name); console.log(Deno.args);` },
    { path: "src/workflow/a.ts", source: "Date.now();" },
    { path: "src/loop/mod.ts", source: `export * from "./b.ts";` },
  ];
  const hints = sources.flatMap(({ path, source }) =>
    Deno.lint.runPlugin(plugin, path, source).map(({ hint }) => hint)
  );
  assert.deepEqual(hints.map((hint) => typeof hint), Array(6).fill("string"));
});
