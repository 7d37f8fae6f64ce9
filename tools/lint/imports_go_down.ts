/**
 * Holds the direction of imports: doors, verbs, loop and settings, parts, ground. Doors load verbs and words only.
 *
 * @module
 */
import { posix } from "node:path";
import { BELOW_DOORS, layerOf, MAY_IMPORT, projectPath } from "./layer.ts";
import { type ImportSite, visitImports } from "./nodes.ts";

/** Refuses an import that goes up or sideways, in whatever form it is written. */
export const importsGoDown: Deno.lint.Rule = {
  create(context): Deno.lint.LintVisitor {
    const path = projectPath(context.filename);
    const layer = layerOf(path);
    if (layer === undefined) return {};
    return visitImports((site) => {
      const problem = problemOf(site, { path, layer });
      if (problem !== undefined) context.report({ node: site.node, ...problem });
    });
  },
};

interface Place {
  readonly path: string;
  readonly layer: string;
}

interface Problem {
  readonly message: string;
  readonly hint: string;
}

function problemOf(site: ImportSite, { path, layer }: Place): Problem | undefined {
  const { specifier } = site;
  if (specifier === undefined) {
    return {
      message: "Cannot tell what is imported: the path is computed",
      hint: "Write the path as a plain string, so that its direction can be checked",
    };
  }
  if (!specifier.startsWith(".")) return packageProblem(specifier, layer);
  const target = posix.join(posix.dirname(path), specifier);
  const targetLayer = layerOf(target);
  if (targetLayer === undefined) return target.endsWith(".json") ? undefined : outsideProblem(target);
  if (layer === "main" && targetLayer === "mcp" && site.kind === "value") {
    return {
      message: `Cannot import ${target} at the start: the MCP SDK would be loaded for every command`,
      hint: "Use `await import(…)` where the mcp command runs: the loop must start fast",
    };
  }
  const allowed = MAY_IMPORT.get(layer);
  if (allowed === undefined) {
    return {
      message: `Cannot place ${path}: ${layer === "src" ? "it lies in no layer" : `layer "${layer}" is unknown`}`,
      hint: "Move it into a layer's folder, or give the folder a row in MAY_IMPORT (tools/lint/layer.ts)",
    };
  }
  if (targetLayer === layer || allowed.includes(targetLayer)) return undefined;
  if (layer === "page" && targetLayer === "view") {
    if (site.kind === "type") return undefined;
    return {
      message: `Cannot load ${target} from page: a browser cannot run the server`,
      hint: "Import only its types; pure functions for both belong into src/workflow or src/text",
    };
  }
  if ((layer === "cli" || layer === "mcp") && BELOW_DOORS.includes(targetLayer)) {
    if (site.kind === "type") return undefined;
    return {
      message: `Cannot load ${target} from ${layer}: a door only translates`,
      hint: `Use or add a verb in src/operations; a door loads ${allowed.join(", ")}, and of the rest only types`,
    };
  }
  return {
    message: `Cannot import ${target} from ${layer}: imports go down only`,
    hint: `${layer} may import ${allowed.length === 0 ? "nothing of the house" : allowed.join(", ")}; ` +
      "move the shared thing down, or take it as an argument",
  };
}

/** The MCP SDK costs start-up time that the loop must not pay. */
function packageProblem(specifier: string, layer: string): Problem | undefined {
  const name = specifier.replace(/^npm:\/?/, "");
  if (layer === "mcp" || !name.startsWith("@modelcontextprotocol/")) return undefined;
  return {
    message: `Cannot import ${specifier} from ${layer}: the MCP SDK belongs under mcp/`,
    hint: "Put what needs it into mcp/, and let main.ts load that when `samocode mcp` runs",
  };
}

function outsideProblem(target: string): Problem {
  return {
    message: `Cannot import ${target} into the program: it is not shipped`,
    hint: "Move what is shared into src/; tests and tools may import from there",
  };
}
