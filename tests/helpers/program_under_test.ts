/**
 * The program that the end-to-end tests run: the source, the few files that a run of all tests makes of it, or the
 * binary that `SAMOCODE_TEST_BINARY` names.
 *
 * @module
 */
import { join } from "node:path";

const BINARY = Deno.env.get("SAMOCODE_TEST_BINARY");

/** Whether a binary is tested: nothing can be loaded into it. */
export const IS_BINARY = BINARY !== undefined;

/** What `tools/stage.ts` made of the source for this run of the tests, if it did. */
export const STAGED = Deno.env.get("SAMOCODE_TEST_STAGED");

/** The folder of the project. */
export const ROOT = join(import.meta.dirname ?? ".", "..", "..");

const PROGRAM = STAGED === undefined ? join(ROOT, "main.ts") : join(STAGED, "main.js");

/**
 * How the program is called, as a person would register it.
 *
 * @param flags For Deno, where there is no binary.
 */
export function programUnderTest(flags: readonly string[] = []): readonly [command: string, ...args: string[]] {
  if (BINARY !== undefined) return [BINARY];
  return [Deno.execPath(), "run", "--allow-all", "--quiet", ...flags, PROGRAM];
}
