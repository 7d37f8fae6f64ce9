/**
 * The git folders of a worktree, read from git's own files: running git would take too long between iterations.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { readBytesIfExists, statIfExists } from "./files/files.ts";

/** The git folders of a worktree; they are the same in the main worktree. */
export interface GitFolders {
  /** The folder of its index and HEAD. */
  readonly own: string;
  /** Shared by all worktrees of the repository. */
  readonly common: string;
}

/** Longer than any path. */
const MAX_POINTER_BYTES = 16 * 1024;

/** Finds the git folders; `undefined` if the folder is not a worktree as git creates it. */
export function worktreeGitFolders(worktree: string): GitFolders | undefined {
  const pointer = join(worktree, ".git");
  if (statIfExists(pointer)?.isDirectory) return { own: pointer, common: pointer };
  const named = /^gitdir: (.+)/.exec(readPointer(pointer))?.[1];
  if (named === undefined) return undefined;
  const own = resolve(worktree, named);
  const common = resolve(own, readPointer(join(own, "commondir")));
  // An agent can rewrite these files, so they are followed only within git's own layout.
  const isWorktree = common === dirname(dirname(own)) && basename(dirname(own)) === "worktrees";
  return isWorktree ? { own, common } : undefined;
}

/** Reads one of git's one-line files; empty if it is missing or not a file. */
function readPointer(path: string): string {
  const bytes = readBytesIfExists(path, MAX_POINTER_BYTES);
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes).trimEnd() : "";
}
