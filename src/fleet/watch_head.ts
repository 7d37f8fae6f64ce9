/**
 * Notices the commits of an agent while it works.
 *
 * @module
 */

/**
 * Calls back within a second after what is checked out in a worktree is another commit, and never twice at once: the
 * next call waits for the promise of the last. Stops when it is disposed.
 *
 * @param onCommit Must not throw.
 */
export function watchHead(
  _worktree: string,
  _onCommit: (commit: string) => Promise<void>,
): Disposable {
  throw new Error("not built yet");
}
