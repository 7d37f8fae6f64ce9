/**
 * Calling this very program again through `node:child_process`.
 *
 * @module
 */
import { dirname, join, sep } from "node:path";

/**
 * Names a program so that `node:child_process` does not take it for Deno: before Deno 2.8 it rewrites the arguments of
 * whatever is called by `Deno.execPath()`, which in a compiled binary is not Deno.
 */
export function notTakenForDeno(program: string): string {
  const folder = dirname(program);
  return `${folder}${sep}.${sep}${program.slice(join(folder, sep).length)}`;
}
