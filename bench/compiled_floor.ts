/**
 * Floors that are compiled as the program is: made once, kept in `dist/bench`, and made anew after each compiling.
 *
 * @module
 */
import { join } from "node:path";
import { statIfExists } from "../src/system/files/files.ts";
import { compile } from "../tools/compile.ts";
import type { BenchOptions } from "./bench_options.ts";
import { binaryPath } from "./program.ts";

/** The path of a compiled floor, or why there is none. */
export type CompiledFloor = { readonly path: string } | { readonly missing: string };

/** Where the source of a floor lies. */
export function floorSource(root: string, name: string): string {
  return join(root, "bench", "floors", name, "main.ts");
}

/** A floor, compiled. Only a run that is not quick takes the time to compile one. */
export async function compiledFloor(
  name: string,
  { root, quick }: Pick<BenchOptions, "root" | "quick">,
): Promise<CompiledFloor> {
  const built = statIfExists(binaryPath(root))?.mtime?.getTime();
  if (built === undefined) return { missing: "there is no dist/samocode; make it with deno task compile" };
  const path = join(root, "dist", "bench", name);
  const isOld = (statIfExists(path)?.mtime?.getTime() ?? 0) < built;
  if (isOld && quick) return { missing: "its floor is not built yet; run without --quick once" };
  if (isOld) await compile({ root, entry: floorSource(root, name), output: path, write: () => {} });
  return { path };
}
