/**
 * Lays out what a compiled binary contains: its few files of code, the shipped texts beside them, and its stamp.
 *
 * @module
 */
import { join } from "node:path";
import { BUILD_STAMP, type BuildStamp } from "../src/system/build_stamp.ts";
import { statIfExists } from "../src/system/files/files.ts";
import { runCommand } from "../src/system/processes/run_command.ts";
import { bundlePage, STAGED_PAGE } from "../src/view/page_files.ts";
import { bundle } from "./bundle.ts";

/** What the program ships beside its code; what is not there is left out. */
const SHIPPED = ["workflow.md", "agents", "skills", "commands", "demo"] as const;

/** What is staged, and where. */
export interface StageOptions {
  /** The folder of the project: the shipped files are found there. */
  readonly root: string;
  /** The main module. */
  readonly entry: string;
  /** Made anew: what is no longer shipped must not linger. */
  readonly folder: string;
}

/** What is ready to be compiled, for one platform or several. */
export interface Staged {
  readonly folder: string;
  /** The names of the files and folders beside the code. */
  readonly included: readonly string[];
  /** The commit it is made from; empty where the source is no checkout. */
  readonly stamp: BuildStamp;
  /** The time of the commit. Every file gets it, so that a second build gives the same bytes. */
  readonly time: Date;
}

/**
 * Stages a program.
 *
 * @throws {SamocodeError} Where the program cannot be bundled.
 */
export async function stage({ root, entry, folder }: StageOptions): Promise<Staged> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder, { recursive: true });
  // Before a tool may leave a file of its own in the source.
  const { stamp, time } = await provenanceOf(root);
  await bundle({ root, entry, folder });
  const code = [...Deno.readDirSync(folder)].map(({ name }) => name);
  Deno.writeTextFileSync(join(folder, BUILD_STAMP), JSON.stringify(stamp));
  for (const name of SHIPPED) copy(join(root, name), join(folder, name));
  if (statIfExists(join(root, "page"))) await bundlePage({ root, folder: join(folder, STAGED_PAGE) });
  setTimes(folder, time);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return { folder, included: names.filter((name) => !code.includes(name)).sort(), stamp, time };
}

async function provenanceOf(root: string): Promise<Pick<Staged, "stamp" | "time">> {
  const head = await ask(root, ["log", "-1", "--format=%H %cI"]);
  if (head === undefined) return { stamp: {}, time: new Date(0) };
  const [hash = "", committed = ""] = head.split(" ");
  const time = new Date(committed);
  const isModified = (await ask(root, ["status", "--porcelain"])) !== "";
  const stamp = { commit: hash.slice(0, 10), date: time.toISOString().slice(0, 10) };
  return { stamp: isModified ? { ...stamp, isModified } : stamp, time };
}

async function ask(root: string, args: readonly string[]): Promise<string | undefined> {
  // Not the repository around an unpacked source: --git-dir finds nothing above the folder.
  const inside = ["--git-dir", ".git", ...args];
  const answer = await runCommand("git", inside, { cwd: root, timeoutMs: 30_000 }).catch(() => undefined);
  return answer?.code === 0 ? answer.stdout.trim() : undefined;
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
