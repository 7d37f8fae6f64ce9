/**
 * Where git keeps what belongs to a worktree: read from its files, since asking git costs as much as a whole pause
 * between iterations may.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { readBytesIfExists, statIfExists } from "./files/files.ts";

/** Two of git's folders. */
export interface GitFolders {
  /** The worktree's own: its index, its HEAD. */
  readonly own: string;
  /** What all worktrees of the repository share; the same in a repository's main worktree. */
  readonly common: string;
}

/** Far more than a path takes. */
const MAX_POINTER_BYTES = 16 * 1024;

/** Git's folders for a worktree; `undefined` for a folder that is none, or is not laid out as git does it. */
export function worktreeGitFolders(worktree: string): GitFolders | undefined {
  const pointer = join(worktree, ".git");
  if (statIfExists(pointer)?.isDirectory) return { own: pointer, common: pointer };
  const named = /^gitdir: (.+)/.exec(readPointer(pointer))?.[1];
  if (named === undefined) return undefined;
  const own = resolve(worktree, named);
  const common = resolve(own, readPointer(join(own, "commondir")));
  // An agent can rewrite these files. They lead nowhere that is not laid out as git lays out a worktree.
  const isWorktree = common === dirname(dirname(own)) && basename(dirname(own)) === "worktrees";
  return isWorktree ? { own, common } : undefined;
}

/** The text of one of git's one-line files; empty where there is none, or a pipe that nobody writes to. */
function readPointer(path: string): string {
  const bytes = readBytesIfExists(path, MAX_POINTER_BYTES);
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes).trimEnd() : "";
}
