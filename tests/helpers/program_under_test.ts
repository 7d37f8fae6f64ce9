/**
 * The program that the end-to-end tests run: the source, or the binary that `SAMOCODE_TEST_BINARY` names.
 *
 * @module
 */
import { join } from "node:path";

const BINARY = Deno.env.get("SAMOCODE_TEST_BINARY");

/** Whether a binary is tested: nothing can be loaded into it. */
export const IS_BINARY = BINARY !== undefined;

/** The folder of the project. */
export const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/**
 * How the program is called, as a person would register it.
 *
 * @param flags For Deno, where the source is run.
 */
export function programUnderTest(flags: readonly string[] = []): readonly [command: string, ...args: string[]] {
  if (BINARY !== undefined) return [BINARY];
  return [Deno.execPath(), "run", "--allow-all", "--quiet", ...flags, join(ROOT, "main.ts")];
}
