/**
 * Finds what git writes to when something is committed in a worktree: it lies in the main repository, outside all that
 * Codex's sandbox lets be written.
 *
 * @module
 */
import { join } from "node:path";
import { statIfExists } from "../../system/files/files.ts";
import { worktreeGitFolders } from "../../system/worktree_git_folders.ts";

/** What all worktrees share and a commit needs. Not the whole: hooks and configuration run programs. */
const SHARED = ["objects", "refs", "logs"] as const;

/**
 * The folders that a commit in this worktree writes to; none for a folder that is no worktree.
 *
 * A worktree's `.git` is a file that names the worktree's own folder in the repository. That folder must be named for
 * itself: Codex keeps it from being written although a folder above it may be.
 */
export function gitFoldersOf(worktree: string): readonly string[] {
  const found = worktreeGitFolders(worktree);
  // A repository's main worktree: its `.git` lies in the folder that Codex works in.
  if (found === undefined || found.own === found.common) return [];
  const folders = [found.own, ...SHARED.map((name) => join(found.common, name))];
  return folders.filter((folder) => statIfExists(folder)?.isDirectory);
}
