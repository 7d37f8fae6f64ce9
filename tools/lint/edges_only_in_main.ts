/**
 * Keeps the process's own edges in `main.ts`: environment, arguments, exit code, console, and where the program lies.
 *
 * @module
 */
import { projectPath } from "./layer.ts";
import { chainOf, destructuredChains, isReference } from "./nodes.ts";

const NODE_PROCESS_EDGES: ReadonlySet<string> = new Set(["argv", "env", "exit", "exitCode"]);

/** What main.ts hands down, and how a module gets it instead. */
const EDGES: ReadonlyMap<string, string> = new Map([
  ["console", "Take a `write: (text: string) => void`, or let it be an event that a listener shows"],
  ["Deno.args", "Take the arguments as a parameter; main.ts reads them once"],
  ["Deno.env", "Take the environment as a parameter; main.ts reads it once"],
  ["Deno.exit", "Return the exit code; main.ts alone ends the process, after all that was opened is closed"],
  ["Deno.exitCode", "Return the exit code; main.ts sets it"],
  ...[...NODE_PROCESS_EDGES].map((name): [string, string] => [
    `process.${name}`,
    "Take it as a parameter; main.ts reads arguments and environment, and ends the process",
  ]),
  ...["dirname", "filename", "main", "url"].map((name): [string, string] => [
    `import.meta.${name}`,
    "Take the folder as a parameter: in the bundle every module is main.js, so only main.ts knows where it lies",
  ]),
]);

/** Refuses the edges everywhere but in main.ts; tools, benchmarks, tests and the launcher for npm are programs of their own. */
export const edgesOnlyInMain: Deno.lint.Rule = {
  create(context): Deno.lint.LintVisitor {
    const path = projectPath(context.filename);
    if (path === "main.ts" || /^(?:bench|npm|tests|tools)\//.test(path)) return {};
    const refuseChain = (node: Deno.lint.Node, chain: string): void => {
      const hint = EDGES.get(chain);
      if (hint !== undefined) context.report({ node, message: `Cannot use ${chain} outside main.ts`, hint });
    };
    return {
      Identifier(node): void {
        if (node.name === "console" && isReference(node)) refuseChain(node, "console");
      },
      MemberExpression(node): void {
        const chain = chainOf(node);
        if (chain !== undefined) refuseChain(node, chain);
      },
      VariableDeclarator(node): void {
        for (const chain of destructuredChains(node)) refuseChain(node, chain);
      },
      ImportDeclaration(node): void {
        if (node.source.value !== "node:process") return;
        for (const specifier of node.specifiers) {
          if (specifier.type !== "ImportSpecifier" || specifier.imported.type !== "Identifier") continue;
          const { name } = specifier.imported;
          if (NODE_PROCESS_EDGES.has(name)) refuseChain(specifier, `process.${name}`);
        }
      },
    };
  },
};
