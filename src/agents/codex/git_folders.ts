/**
 * The folders that git writes to for a commit in a worktree. They are in the main repository, which Codex's sandbox
 * protects.
 *
 * @module
 */
import { join } from "node:path";
import { statIfExists } from "../../system/files/files.ts";
import { worktreeGitFolders } from "../../system/worktree_git_folders.ts";

/** Shared by all worktrees and needed for a commit. Hooks and configuration are left out: they run programs. */
const SHARED = ["objects", "refs", "logs"] as const;

/**
 * The folders that a commit in this worktree writes to; empty for any other folder. The worktree's own git folder is
 * named even below a writable one, since Codex protects the target of a `.git` file.
 */
export function gitFoldersOf(worktree: string): readonly string[] {
  const found = worktreeGitFolders(worktree);
  // The `.git` of a main worktree is in Codex's working directory.
  if (found === undefined || found.own === found.common) return [];
  const folders = [found.own, ...SHARED.map((name) => join(found.common, name))];
  return folders.filter((folder) => statIfExists(folder)?.isDirectory);
}
