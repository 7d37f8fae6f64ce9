/**
 * The program as a run of all tests starts it, thousands of times: of few files, as a binary has it, it takes four
 * fifths of the time.
 *
 * @module
 */
import { join } from "node:path";
import { statIfExists } from "../src/system/files/files.ts";
import { stage } from "./stage.ts";

/** What the tests find in their environment, until it is disposed. */
export interface TestedProgram extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Stages the program for the tests; where they have a binary to run, or there is no program, nothing.
 *
 * @param root The folder of the project.
 * @throws {SamocodeError} Where the program cannot be bundled.
 */
export async function testedProgram(root: string): Promise<TestedProgram> {
  const entry = join(root, "main.ts");
  if (Deno.env.has("SAMOCODE_TEST_BINARY") || statIfExists(entry) === undefined) {
    return { env: {}, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  // Not in the temporary folder: a guarded agent sees another one.
  const folder = join(root, "dist", `tested-${crypto.randomUUID()}`);
  const remove = () => Deno.remove(folder, { recursive: true }).catch(() => {});
  try {
    await stage({ root, entry, folder });
  } catch (error) {
    await remove();
    throw error;
  }
  return { env: { SAMOCODE_TEST_STAGED: folder }, [Symbol.asyncDispose]: remove };
}
