/**
 * Fails if modules import one another in a circle, and names one circle for each knot. Imports of types count: a circle
 * of types is a circle for whoever has to understand or move one of the modules.
 *
 * @module
 */
import { dirname, join } from "node:path";

/** What each module imports, by path; only modules of the project are named. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the imports of all modules below some folders. Dynamic imports with a plain path count too.
 *
 * @param roots Folders and modules, relative to `folder`.
 */
export function readImports(folder: string, roots: readonly string[]): ImportGraph {
  const modules = roots.flatMap((root) => modulesAt(folder, root));
  return new Map(modules.map((path) => [path, importsIn(Deno.readTextFileSync(join(folder, path)), path)]));
}

/** The relative imports in a module's text, as paths from the project's root. Relies on the layout of `deno fmt`. */
export function importsIn(text: string, path: string): readonly string[] {
  const found = [
    ...text.matchAll(/^(?:import|export)\s(?:[^;"'`]*?\sfrom\s)?["'](\.[^"']+)["']/gm),
    ...text.matchAll(/\bimport\(\s*["'](\.[^"']+)["']/g),
  ];
  return found.map(([, specifier = ""]) => join(dirname(path), specifier));
}

/** A shortest circle through each knot of modules: `[a, b]` if a imports b and b imports a. */
export function circlesIn(graph: ImportGraph): readonly (readonly string[])[] {
  const circles: (readonly string[])[] = [];
  const inKnown = new Set<string>();
  for (const start of graph.keys()) {
    if (inKnown.has(start)) continue;
    const circle = circleThrough(start, graph);
    if (circle === undefined) continue;
    circles.push(circle);
    for (const path of circle) inKnown.add(path);
  }
  return circles;
}

/** Breadth first, so that the circle is a shortest one. */
function circleThrough(start: string, graph: ImportGraph): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  for (const queue = [start]; queue.length > 0;) {
    const path = queue.shift() ?? start;
    for (const next of graph.get(path) ?? []) {
      if (next === start) return wayTo(path, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return undefined;
}

function wayTo(path: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const before = cameFrom.get(path);
  return before === undefined ? [path] : [...wayTo(before, cameFrom), path];
}

function modulesAt(folder: string, path: string): readonly string[] {
  if (/\.tsx?$/.test(path)) return [path];
  return [...Deno.readDirSync(join(folder, path))].flatMap(({ name, isDirectory }) =>
    isDirectory || /\.tsx?$/.test(name) ? modulesAt(folder, join(path, name)) : []
  );
}

if (import.meta.main) {
  const roots = ["main.ts", "src", "mcp", "page", "tools", "bench", "tests"];
  const circles = circlesIn(readImports(join(import.meta.dirname ?? ".", ".."), roots));
  for (const circle of circles) console.error(`Imports go in a circle: ${[...circle, circle[0]].join(" → ")}`);
  if (circles.length > 0) Deno.exit(1);
}
