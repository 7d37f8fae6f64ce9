/**
 * Finds out from which commit a program is made.
 *
 * @module
 */
import { runCommand } from "../src/system/processes/run_command.ts";
import type { BuildStamp } from "../src/system/build_stamp.ts";

const PATIENCE_MS = 30_000;

/** The stamp, and the time that the parts of the program get, so that a second build gives the same bytes. */
export interface Provenance {
  readonly stamp: BuildStamp;
  readonly time: Date;
}

/** Asks git; a folder that is no checkout gets an empty stamp and the beginning of time. */
export async function provenanceOf(root: string): Promise<Provenance> {
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
  const answer = await runCommand("git", inside, { cwd: root, timeoutMs: PATIENCE_MS }).catch(() => undefined);
  return answer?.code === 0 ? answer.stdout.trim() : undefined;
}
