/**
 * Which part of the house a file belongs to, and which parts may import which.
 *
 * @module
 */
import { isAbsolute, join, relative, sep } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** Parts of the product that do not know each other; loop, project and operations put them together. */
const PARTS = ["session", "agents", "prompt", "listeners", "notifiers", "console"] as const;
const GROUND = ["contract", "messages", "workflow", "system", "text"] as const;
const BELOW_OPERATIONS = ["loop", "project", "settings", ...PARTS, ...GROUND] as const;
const BELOW_DOORS = ["operations", ...BELOW_OPERATIONS] as const;

/**
 * What a file of each layer may import, itself always included. A new folder under src/ needs a row here; until then
 * the rule refuses its imports.
 */
export const MAY_IMPORT: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["main", ["cli", "mcp", ...BELOW_DOORS]],
  ["cli", BELOW_DOORS],
  ["mcp", BELOW_DOORS],
  ["operations", BELOW_OPERATIONS],
  ["loop", [...PARTS, ...GROUND]],
  ["project", ["settings", "session", "agents", "notifiers", "prompt", ...GROUND]],
  ["settings", ["agents", "notifiers", ...GROUND]],
  ["session", GROUND],
  ["agents", GROUND],
  ["prompt", GROUND],
  ["listeners", GROUND],
  ["notifiers", ["listeners", ...GROUND]],
  ["console", ["listeners", ...GROUND]],
  ["contract", []],
  ["messages", ["workflow", "text"]],
  ["workflow", ["text"]],
  ["system", ["text"]],
  ["text", []],
]);

/**
 * What a door may load beside itself: the verbs and the words. It translates, so of everything else it needs only the
 * types. `project` has the verbs that come before there is a session: init, doctor, install. `src/console` is not here:
 * a run shows itself, by what the operation `run_here` is told of the terminal.
 */
export const DOOR_MAY_LOAD: readonly string[] = ["operations", "project", "messages", "text"];

/** A file's path from the root of the project, with `/` between its segments. */
export function projectPath(filename: string): string {
  return (isAbsolute(filename) ? relative(ROOT, filename) : filename).split(sep).join("/");
}

/**
 * The layer of a file: a folder of `src/`, `mcp` or `main`.
 *
 * @param path As {@linkcode projectPath} gives it.
 * @returns `undefined` for files that ship no code: tests, tools, benchmarks, data.
 */
export function layerOf(path: string): string | undefined {
  const [top = "", folder = "", ...rest] = path.split("/");
  if (path === "main.ts") return "main";
  if (top === "mcp") return "mcp";
  if (top !== "src") return undefined;
  return rest.length === 0 ? "src" : folder;
}
