/**
 * Keeps the names of phases in their table: what a phase may do is a column of PHASES, never a comparison elsewhere.
 *
 * @module
 */
import { PHASE_NAMES } from "../../src/workflow/phases.ts";
import { layerOf, projectPath } from "./layer.ts";
import { chainOf } from "./nodes.ts";

const TABLE = "src/workflow/phases.ts";

/** Names that mean other things as well: an outcome, a need, a command. They count only beside the word "phase". */
const AMBIGUOUS: ReadonlySet<string> = new Set(["init", "investigation", "done"]);

/** These still name phases in tables of their own. */
const UNCHECKED = /^src\/settings\//;

const HINT = `Give PHASES (${TABLE}) a column that says what is special about the phase, and read that`;

/** Refuses the name of a phase as a string, a property or a case outside the table. */
export const noPhaseNames: Deno.lint.Rule = {
  create(context): Deno.lint.LintVisitor {
    const path = projectPath(context.filename);
    if (layerOf(path) === undefined || path === TABLE || UNCHECKED.test(path)) return {};
    const refuse = (node: Deno.lint.Node, name: string): void =>
      context.report({ node, message: `Cannot name the phase ${name} outside of PHASES`, hint: HINT });
    return {
      Literal(node): void {
        const name = phaseIn(node);
        if (name !== undefined && (!AMBIGUOUS.has(name) || standsForPhase(node))) refuse(node, name);
      },
      Property(node): void {
        const { key } = node;
        if (node.computed || key.type !== "Identifier") return;
        const name = PHASE_NAMES.find((phase) => phase === key.name && !AMBIGUOUS.has(phase));
        if (name !== undefined) refuse(key, name);
      },
    };
  },
};

function phaseIn(node: Deno.lint.Node): string | undefined {
  return node.type === "Literal" ? PHASE_NAMES.find((phase) => phase === node.value) : undefined;
}

/** `phase === "done"`, `{ phase: "done" }`, `switch (phase) { case "done": }`. */
function standsForPhase(node: Deno.lint.Literal): boolean {
  const parent: Deno.lint.Node = node.parent;
  switch (parent.type) {
    case "BinaryExpression":
      return isPhase(parent.left) || isPhase(parent.right);
    case "Property":
      return parent.value === node && isPhase(parent.key);
    case "SwitchCase":
      return parent.parent.type === "SwitchStatement" && isPhase(parent.parent.discriminant);
    default:
      return false;
  }
}

function isPhase(node: Deno.lint.Node): boolean {
  return /phase$/i.test(chainOf(node) ?? "");
}
