import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import plugin from "../../tools/lint_plugin.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");
const CONFIG = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
const IMPORTS: Readonly<Record<string, string>> = CONFIG.imports;

/** Every module of the project, from its root. */
function modules(): readonly string[] {
  const inFolder = (folder: string): readonly string[] =>
    [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
      const path = join(folder, name);
      if (path === join("tests", "fixtures")) return [];
      return isDirectory ? inFolder(path) : /\.tsx?$/.test(name) ? [path] : [];
    });
  const top = [...Deno.readDirSync(ROOT)].map(({ name }) => name);
  return [
    ...top.filter((name) => /\.tsx?$/.test(name)),
    ...["src", "mcp", "page", "tools", "tests", "bench"].filter((name) => top.includes(name)).flatMap(inFolder),
  ];
}

/** Names every module that a module imports, by the syntax tree: text that only looks like an import does not count. */
function specifiersOf(path: string): readonly string[] {
  const reporter: Deno.lint.Plugin = {
    name: "imports",
    rules: {
      all: {
        create: (context): Deno.lint.LintVisitor => {
          const report = (node: Deno.lint.Node, specifier: unknown): void =>
            context.report({ node, message: String(specifier) });
          return {
            ImportDeclaration: (node) => report(node, node.source.value),
            ExportAllDeclaration: (node) => report(node, node.source.value),
            ExportNamedDeclaration: (node) => {
              if (node.source !== null) report(node, node.source.value);
            },
            // A computed path is an absolute or relative file: nothing to look up.
            ImportExpression: (node) => {
              if (node.source.type === "Literal") report(node, node.source.value);
            },
          };
        },
      },
    },
  };
  const source = Deno.readTextFileSync(join(ROOT, path));
  return Deno.lint.runPlugin(reporter, path, source).map(({ message }) => message);
}

/** Where a module says that a package's types are: a comment, which no syntax tree has. */
function typesOf(path: string): readonly string[] {
  const source = Deno.readTextFileSync(join(ROOT, path));
  return [...source.matchAll(/^\/\/ @ts-types="([^"]+)"$/gm)].map(([, specifier = ""]) => specifier);
}

/** `zod` of `zod`, `@scope/name` of `@scope/name/deep.js`. */
function packageOf(specifier: string): string {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

Deno.test("deno.json imports packages from npm only, each at one exact version", () => {
  const exact = /^npm:\/?(?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(?:-[\w.]+)?(?:\/[\w./-]*)?$/;
  assert.deepEqual(Object.entries(IMPORTS).filter(([, target]) => !exact.test(target)), []);
});

Deno.test("every module imports only relative files, node: modules and what deno.json names", () => {
  const named = new Set(Object.keys(IMPORTS));
  const foreign = modules().flatMap((path) =>
    specifiersOf(path)
      .filter((specifier) => !/^(?:\.\.?\/|node:)/.test(specifier))
      .filter((specifier) => !named.has(specifier) && !named.has(packageOf(specifier)))
      .map((specifier) => `${path}: ${specifier}`)
  );
  assert.deepEqual(foreign, []);
});

Deno.test("every relative import stays inside the project", () => {
  const outside = modules().flatMap((path) =>
    specifiersOf(path)
      .filter((specifier) => specifier.startsWith("."))
      .filter((specifier) => relative(ROOT, join(ROOT, dirname(path), specifier)).startsWith(".."))
      .map((specifier) => `${path}: ${specifier}`)
  );
  assert.deepEqual(outside, []);
});

/** Packages that check the program and do not ship with it. */
const ONLY_IN_TESTS = ["axe-core", "mdast-util-from-markdown", "standardwebhooks"];

Deno.test("every package in deno.json is imported by the program, but for those of the tests", () => {
  const used = new Set(
    modules().filter((path) => !path.startsWith("tests")).flatMap((path) => [...specifiersOf(path), ...typesOf(path)])
      .flatMap((specifier) => [specifier, packageOf(specifier), `${packageOf(specifier)}/`]),
  );
  assert.deepEqual(Object.keys(IMPORTS).filter((name) => !used.has(name)), ONLY_IN_TESTS);
});

Deno.test("every task says what it does, and names a tool that is there", () => {
  const tasks: Readonly<Record<string, { readonly description?: string; readonly command?: string }>> = CONFIG.tasks;
  const undescribed = Object.entries(tasks).filter(([, { description = "" }]) => description.length < 10);
  assert.deepEqual(undescribed, []);
  const named = Object.values(tasks).flatMap(({ command = "" }) => command.match(/[\w/]+\.ts\b/g) ?? []);
  const found = named.filter((path) => Deno.statSync(join(ROOT, path)).isFile);
  assert.deepEqual(found, named);
});

Deno.test("the lock file is frozen and holds every package", () => {
  assert.deepEqual(CONFIG.lock, { frozen: true });
  const lock = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.lock")));
  const missing = Object.values(IMPORTS).filter((target) => {
    const [specifier = ""] = /^npm:(?:@[\w.-]+\/)?[\w.-]+@[^/]+/.exec(target.replace("npm:/", "npm:")) ?? [];
    return lock.specifiers[specifier] === undefined;
  });
  assert.deepEqual(missing, []);
});

Deno.test("AGENTS.md is CONTRIBUTING.md: one text for people and agents", () => {
  assert.equal(Deno.readLinkSync(join(ROOT, "AGENTS.md")), "CONTRIBUTING.md");
});

Deno.test("CONTRIBUTING.md names every lint rule", () => {
  const text = Deno.readTextFileSync(join(ROOT, "CONTRIBUTING.md"));
  assert.deepEqual(Object.keys(plugin.rules).filter((rule) => !text.includes(`| \`${rule}\``)), []);
});

Deno.test("docs/architecture.md names each package the program depends on", () => {
  const text = Deno.readTextFileSync(join(ROOT, "docs", "architecture.md"));
  assert.deepEqual(Object.keys(IMPORTS).filter((name) => !text.includes(`\`${name.replace(/\/$/, "")}\``)), []);
});
