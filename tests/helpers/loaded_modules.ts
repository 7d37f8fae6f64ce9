/**
 * What a module brings with it.
 *
 * @module
 */
import { dirname, join } from "node:path";

/**
 * Every module and package that is loaded with a module: modules by their paths, packages by their names. Types are
 * not loaded, and `import(…)` is for later.
 */
export function loadedBy(path: string, known: Set<string> = new Set()): ReadonlySet<string> {
  if (known.has(path)) return known;
  known.add(path);
  for (const [, target = ""] of Deno.readTextFileSync(path).matchAll(IMPORT)) {
    if (target.startsWith(".")) loadedBy(join(dirname(path), target), known);
    else known.add(target);
  }
  return known;
}

/** As `deno fmt` leaves it: on one line, or with the end of the list on a line of its own. */
const IMPORT = /^(?:import (?!type )|export (?:\*|\{)|\} ).*from "([^"]+)";$/gm;
