/**
 * Watches for an agent's commits while it works.
 *
 * @module
 */
import { setTimeout } from "node:timers/promises";
import { askGit } from "../session/git.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";
import { unlessFailing } from "../text/errors.ts";

/** Wait this long after a change: otherwise every commit of a rebase would be pushed. */
const MOMENT_MS = 300;

/** How often to check where the system has no file watches left. */
const LOOK_MS = 30_000;

/**
 * Calls back within a second after HEAD of a worktree points to another commit. Calls never overlap: each waits for the
 * promise of the previous one. Stops when disposed.
 *
 * @param onCommit Must not throw.
 */
export function watchHead(worktree: string, onCommit: (commit: string) => Promise<void>): Disposable {
  const { own } = worktreeGitFolders(worktree) ?? {};
  // git writes lock files there for every commit.
  const watch = own === undefined ? undefined : unlessFailing(() => new FileWatch(own));
  let isOver = false;
  const look = async () => {
    let known = await headOf(worktree);
    while (watch !== undefined && !isOver) {
      await watch.changed(LOOK_MS);
      if (!isOver) await setTimeout(MOMENT_MS);
      const commit = isOver ? known : await headOf(worktree);
      if (isOver || commit === undefined || commit === known) continue;
      known = commit;
      await onCommit(commit);
    }
  };
  void look();
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      watch?.wake();
      watch?.[Symbol.dispose]();
    },
  };
}

/** `undefined` if the worktree is gone: an agent may have removed it, and others report that. */
async function headOf(worktree: string): Promise<string | undefined> {
  return await askGit(worktree, "rev-parse", "--verify", "--quiet", "HEAD").catch(() => undefined);
}
