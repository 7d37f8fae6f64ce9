/**
 * The house's own lint rules, for `deno lint`: what docs/architecture.md says about parts and edges, held by a machine.
 *
 * @module
 */
import { edgesOnlyInMain } from "./lint/edges_only_in_main.ts";
import { importsGoDown } from "./lint/imports_go_down.ts";
import { noBarrel } from "./lint/no_barrel.ts";
import { noPhaseNames } from "./lint/no_phase_names.ts";
import { workflowIsPure } from "./lint/workflow_is_pure.ts";

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "edges-only-in-main": edgesOnlyInMain,
    "imports-go-down": importsGoDown,
    "no-barrel": noBarrel,
    "no-phase-names": noPhaseNames,
    "workflow-is-pure": workflowIsPure,
  },
};

export default plugin;
