/**
 * Keeps each thing importable from one place only: the file that defines it.
 *
 * @module
 */
import { layerOf, projectPath } from "./layer.ts";

/** Refuses a module that only hands on what others define. */
export const noBarrel: Deno.lint.Rule = {
  create(context): Deno.lint.LintVisitor {
    if (layerOf(projectPath(context.filename)) === undefined) return {};
    return {
      Program(node): void {
        const isBarrel = node.body.length > 0 &&
          node.body.every((statement) =>
            statement.type === "ExportAllDeclaration" ||
            (statement.type === "ExportNamedDeclaration" && statement.source !== null)
          );
        if (!isBarrel) return;
        context.report({
          node,
          message: "Cannot keep a module that only re-exports: it is a second place for the same thing",
          hint: "Import from the file that defines the thing",
        });
      },
    };
  },
};
