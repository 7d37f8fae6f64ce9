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
 * Stages the program for the tests. They have the source where it cannot be bundled, which is said, and where they have
 * a binary to run or there is no program.
 *
 * @param root The folder of the project.
 */
export async function testedProgram(root: string, write: (line: string) => void): Promise<TestedProgram> {
  const entry = join(root, "main.ts");
  // Not in the temporary folder: a guarded agent sees another one.
  const folder = join(root, "dist", `tested-${crypto.randomUUID()}`);
  const remove = () => Deno.remove(folder, { recursive: true }).catch(() => {});
  const isWanted = !Deno.env.has("SAMOCODE_TEST_BINARY") && statIfExists(entry) !== undefined;
  const isStaged = isWanted && await stage({ root, entry, folder }).then(() => true, ({ message }: Error) => {
    write(`The tests run the program from source: ${message}`);
    return false;
  });
  if (!isStaged) await remove();
  return { env: isStaged ? { SAMOCODE_TEST_STAGED: folder } : {}, [Symbol.asyncDispose]: remove };
}
