/**
 * Lays out what a compiled program carries: its few files of code, the shipped texts beside them, and its stamp.
 *
 * @module
 */
import { join } from "node:path";
import { BUILD_STAMP } from "../src/system/build_stamp.ts";
import { statIfExists } from "../src/system/files/files.ts";
import { provenanceOf } from "./build_stamp.ts";
import { bundle } from "./bundle.ts";

/** What the program ships beside its code; what is not there is left out. */
const SHIPPED = ["workflow.md", "agents", "skills", "commands"] as const;

/** What is staged, and where. */
export interface StageOptions {
  /** The folder of the project: the shipped files are found there. */
  readonly root: string;
  /** The main module. */
  readonly entry: string;
  /** Made anew: what is no longer shipped must not linger. */
  readonly folder: string;
}

/**
 * Stages a program.
 *
 * @returns The names of what lies beside the code.
 * @throws {SamocodeError} Where the program cannot be bundled.
 */
export async function stage({ root, entry, folder }: StageOptions): Promise<readonly string[]> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder, { recursive: true });
  // Asked before a tool may leave a file of its own in the source.
  const { stamp, time } = await provenanceOf(root);
  await bundle({ root, entry, folder });
  const code = [...Deno.readDirSync(folder)].map(({ name }) => name);
  Deno.writeTextFileSync(join(folder, BUILD_STAMP), JSON.stringify(stamp));
  for (const name of SHIPPED) copy(join(root, name), join(folder, name));
  setTimes(folder, time);
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => !code.includes(name)).sort();
}

function copy(from: string, to: string): void {
  const stat = statIfExists(from);
  if (stat?.isFile) Deno.copyFileSync(from, to);
  if (!stat?.isDirectory) return;
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) copy(join(from, name), join(to, name));
}

/** The compiled program keeps the times of its files: the same source must give the same bytes. */
function setTimes(path: string, time: Date): void {
  if (statIfExists(path)?.isDirectory) {
    for (const { name } of Deno.readDirSync(path)) setTimes(join(path, name), time);
  }
  Deno.utimeSync(path, time, time);
}
