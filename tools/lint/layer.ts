/**
 * Which part of the house a file belongs to, and which parts may import which.
 *
 * @module
 */
import { isAbsolute, join, relative, sep } from "node:path";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** Parts of the product that do not know each other; loop, project and operations put them together. */
const PARTS = [
  "session",
  "agents",
  "guard",
  "prompt",
  "event_listeners",
  "channels",
  "console",
  "html",
  "report",
  "telemetry",
] as const;
const GROUND = ["contract", "messages", "workflow", "system", "text"] as const;
const BELOW_OPERATIONS = ["loop", "project", "settings", "trust", ...PARTS, ...GROUND] as const;

/** Of these a door may import the types. */
export const BELOW_DOORS: readonly string[] = ["operations", ...BELOW_OPERATIONS];

/**
 * A door translates, so verbs and words are all it needs. `project` has the verbs that come before there is a session:
 * init, doctor, install. Not `console`: a run shows itself, on the terminal that the operation was handed.
 */
const VERBS_AND_WORDS = ["operations", "project", "messages", "text"] as const;

/**
 * What a file of each layer may import, itself always included. A new folder under src/ needs a row here; until then
 * the rule refuses its imports.
 */
export const MAY_IMPORT: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["main", ["cli", "mcp", "listen", "view", "fleet", ...BELOW_DOORS]],
  // Only `samocode listen` and `samocode view`, which start them, `samocode notify test`, which tries the channels, and
  // what was typed for the fleet.
  ["cli", [...VERBS_AND_WORDS, "listen", "view", "fleet"]],
  ["fleet", BELOW_DOORS],
  ["listen", BELOW_DOORS],
  ["view", BELOW_DOORS],
  // What the browser runs: pure functions, and the types of what the server says.
  ["page", ["workflow", "text"]],
  ["mcp", VERBS_AND_WORDS],
  ["operations", BELOW_OPERATIONS],
  ["loop", [...PARTS, ...GROUND]],
  ["project", ["settings", "trust", "session", "agents", "guard", "channels", "prompt", "telemetry", ...GROUND]],
  ["settings", ["trust", "agents", "guard", "channels", "telemetry", ...GROUND]],
  ["trust", ["system", "text"]],
  ["session", GROUND],
  ["agents", ["guard", ...GROUND]],
  ["guard", GROUND],
  ["prompt", GROUND],
  ["event_listeners", GROUND],
  ["channels", GROUND],
  ["console", ["event_listeners", ...GROUND]],
  ["html", ["text"]],
  ["report", ["html", ...GROUND]],
  ["telemetry", ["event_listeners", ...GROUND]],
  ["contract", []],
  ["messages", ["workflow", "text"]],
  ["workflow", ["text"]],
  ["system", ["text"]],
  ["text", []],
]);

/** A file's path from the root of the project, with `/` between its segments. */
export function projectPath(filename: string): string {
  return (isAbsolute(filename) ? relative(ROOT, filename) : filename).split(sep).join("/");
}

/**
 * The layer of a file: a folder of `src/`, `mcp`, `page` or `main`.
 *
 * @param path As {@linkcode projectPath} gives it.
 * @returns `undefined` for files that ship no code: tests, tools, benchmarks, data.
 */
export function layerOf(path: string): string | undefined {
  const [top = "", folder = "", ...rest] = path.split("/");
  if (path === "main.ts") return "main";
  if (top === "mcp" || top === "page") return top;
  if (top !== "src") return undefined;
  return rest.length === 0 ? "src" : folder;
}
