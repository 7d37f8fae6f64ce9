/**
 * Notices the commits of an agent while it works.
 *
 * @module
 */
import { setTimeout } from "node:timers/promises";
import { askGit } from "../session/git.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";
import { unlessFailing } from "../text/errors.ts";

/** A rebase makes many commits; each would be pushed. */
const MOMENT_MS = 300;

/** Without a watch, where the system has none left. */
const LOOK_MS = 30_000;

/**
 * Calls back within a second after what is checked out in a worktree is another commit, and never twice at once: the
 * next call waits for the promise of the last. Stops when it is disposed.
 *
 * @param onCommit Must not throw.
 */
export function watchHead(worktree: string, onCommit: (commit: string) => Promise<void>): Disposable {
  const { own } = worktreeGitFolders(worktree) ?? {};
  // git locks and writes files there for every commit.
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

/** An agent may have removed the worktree: that is found by others. */
async function headOf(worktree: string): Promise<string | undefined> {
  return await askGit(worktree, "rev-parse", "--verify", "--quiet", "HEAD").catch(() => undefined);
}
