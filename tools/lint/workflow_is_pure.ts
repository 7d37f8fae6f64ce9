/**
 * Keeps `src/workflow/` pure: text in, values out, the same every time.
 *
 * @module
 */
import { projectPath } from "./layer.ts";
import { chainOf, destructuredChains, isReference, visitImports } from "./nodes.ts";

/** Globals that reach outside the function's arguments. */
const IMPURE_GLOBALS: ReadonlySet<string> = new Set([
  "BroadcastChannel",
  "Deno",
  "EventSource",
  "WebSocket",
  "Worker",
  "XMLHttpRequest",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "globalThis",
  "localStorage",
  "navigator",
  "performance",
  "process",
  "self",
  "sessionStorage",
  "setImmediate",
  "setInterval",
  "setTimeout",
  "window",
]);

/** Functions of otherwise harmless globals that read the clock, chance, or set a timer. */
const IMPURE_CHAINS: ReadonlySet<string> = new Set(["AbortSignal.timeout", "Date.now", "Math.random", "Temporal.Now"]);

const HINT = "Take the value as an argument; whoever calls the workflow has the clock, the disk and the network";

/** Refuses clocks, chance, timers, the network, the system and node: modules in `src/workflow/`. */
export const workflowIsPure: Deno.lint.Rule = {
  create(context): Deno.lint.LintVisitor {
    if (!projectPath(context.filename).startsWith("src/workflow/")) return {};
    const refuse = (node: Deno.lint.Node, what: string): void =>
      context.report({ node, message: `Cannot use ${what} in src/workflow: it is pure`, hint: HINT });
    return {
      ...visitImports(({ node, specifier }) => {
        if (specifier?.startsWith("node:")) refuse(node, specifier);
      }),
      Identifier(node): void {
        if (IMPURE_GLOBALS.has(node.name) && isReference(node)) refuse(node, node.name);
      },
      MemberExpression(node): void {
        const chain = chainOf(node);
        if (chain !== undefined && IMPURE_CHAINS.has(chain)) refuse(node, chain);
      },
      VariableDeclarator(node): void {
        for (const chain of destructuredChains(node)) if (IMPURE_CHAINS.has(chain)) refuse(node, chain);
      },
      NewExpression(node): void {
        if (chainOf(node.callee) === "Date" && node.arguments.length === 0) refuse(node, "new Date()");
      },
      CallExpression(node): void {
        if (chainOf(node.callee) === "Date") refuse(node, "Date()");
      },
    };
  },
};
