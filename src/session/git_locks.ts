/**
 * Finds the lock files that a killed git leaves behind and that block every later git.
 *
 * They are reported and never deleted: nothing in them tells whose they are, and those of a person who has a commit
 * message open in an editor look the same.
 *
 * @module
 */
import { join } from "node:path";
import type { Workplace } from "../workflow/work.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";

/** A running git holds its locks for less than this. */
const MOMENT_MS = 500;

/** The lock files that keep git from committing in a workplace and are still there after a moment. */
export async function lastingGitLocks(
  workplace: Workplace,
  { momentMs = MOMENT_MS }: { readonly momentMs?: number } = {},
): Promise<readonly string[]> {
  const found = gitLocks(workplace);
  if (found.length === 0) return found;
  await new Promise((wake) => setTimeout(wake, momentMs));
  return found.filter((path) => lstatIfExists(path) !== undefined);
}

/** See gitrepository-layout(5) for the files; the lock of each has its name with `.lock`. */
function gitLocks({ path, branch }: Workplace): readonly string[] {
  const folders = worktreeGitFolders(path);
  if (folders === undefined) return [];
  const { own, common } = folders;
  const locked = [
    ...["index", "HEAD"].map((name) => join(own, name)),
    ...(branch === undefined ? [] : [join(common, "refs", "heads", branch)]),
    ...["packed-refs", "config"].map((name) => join(common, name)),
  ];
  return locked.map((name) => `${name}.lock`).filter((lock) => lstatIfExists(lock) !== undefined);
}
