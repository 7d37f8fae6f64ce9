/**
 * Finds what git writes to when something is committed in a worktree: it lies in the main repository, outside all that
 * Codex's sandbox lets be written.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { readBytesIfExists, statIfExists } from "../system/files.ts";

/** What all worktrees share and a commit needs. Not the whole: hooks and configuration run programs. */
const SHARED = ["objects", "refs", "logs"] as const;

/**
 * The folders that a commit in this worktree writes to; none for a folder that is no worktree.
 *
 * A worktree's `.git` is a file that names the worktree's own folder in the repository. That folder must be named for
 * itself: Codex keeps it from being written although a folder above it may be.
 */
export function gitFoldersOf(worktree: string): readonly string[] {
  const named = /^gitdir: (.+)/.exec(readPointer(join(worktree, ".git")))?.[1];
  if (named === undefined) return [];
  const own = resolve(worktree, named);
  const common = resolve(own, readPointer(join(own, "commondir")));
  // An agent can rewrite these files. They open nothing that is not laid out as git lays out a worktree.
  if (common !== dirname(dirname(own)) || basename(dirname(own)) !== "worktrees") return [];
  const folders = [own, ...SHARED.map((name) => join(common, name))];
  return folders.filter((folder) => statIfExists(folder)?.isDirectory);
}

/** Far more than a path takes. */
const MAX_POINTER_BYTES = 16 * 1024;

/** The text of one of git's one-line files; empty where there is none, or a pipe that nobody writes to. */
function readPointer(path: string): string {
  const bytes = readBytesIfExists(path, MAX_POINTER_BYTES);
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes).trimEnd() : "";
}
