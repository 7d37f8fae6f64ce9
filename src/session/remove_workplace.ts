/**
 * Removes a session's worktree and branch, and never what is nowhere else, unless a person insists.
 *
 * @module
 */
import { lstatIfExists } from "../system/files/files.ts";
import type { Workplace } from "../workflow/work.ts";
import { complaintOf, git } from "./git.ts";
import type { SessionFolder } from "./session_folder.ts";
import { checkoutOf } from "./move_branch.ts";
import { lookForWork, losses, submodules } from "./work_left.ts";
import { myTurn } from "./worktree.ts";

/** What was removed and what was kept, each in words. */
export interface Removal {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

/** What happened to a session's workplace. */
interface WorkplaceRemoval extends Removal {
  /** Whether neither worktree nor branch is there any more. */
  readonly isGone: boolean;
}

/** What may go. */
export interface RemovalOptions {
  /** The commit of the branch that is known to be elsewhere. */
  readonly safeHead?: string | undefined;
  /** Whether work that is nowhere else goes, too. */
  readonly discard?: boolean;
}

/** Folders of packages are large. */
const REMOVE_MS = 10 * 60_000;

/** Removes a session's worktree and branch, and records it if both are gone. The caller holds the session's lock. */
export async function retireWorkplace(
  mainRepo: string,
  folder: SessionFolder,
  { by, ...options }: RemovalOptions & { readonly by: string },
): Promise<Removal> {
  const { workplace } = folder.history;
  const { removed, kept, isGone } = await removeWorkplace(mainRepo, workplace, options);
  if (isGone && workplace?.branch !== undefined) {
    folder.journal.append({ type: "workplace.removed", path: workplace.path, branch: workplace.branch, by });
  }
  return { removed, kept };
}

/** Removes the worktree, then the branch. What is kept is named with the reason. Doing it twice changes nothing. */
export async function removeWorkplace(
  mainRepo: string,
  workplace: Workplace | undefined,
  { safeHead, discard = false }: RemovalOptions = {},
): Promise<WorkplaceRemoval> {
  const { path, branch } = workplace ?? {};
  if (path === undefined || branch === undefined) return { removed: [], kept: [], isGone: false };
  using _turn = await myTurn(mainRepo);
  const removed: string[] = [];
  const found = await lookForWork(mainRepo, workplace);
  const isSafe = found.unmerged === 0 || found.head === safeHead;
  if (found.hasWorktree) {
    // Its commits stay with the branch.
    const lost = losses({ ...found, unmerged: 0 });
    const problem = lost.length > 0 && !discard ? lost.join("; ") : await removeWorktree(mainRepo, { path, discard });
    if (problem !== "") return { removed, kept: [`the worktree ${path}: ${problem}`], isGone: false };
    removed.push(`the worktree ${path}`);
  } else {
    // Its folder may have been deleted by hand. Not `prune`: other worktrees may be on a disk that is not mounted.
    await git(mainRepo, "worktree", "remove", path);
  }
  if (found.head === undefined) return { removed, kept: [], isGone: found.problem === "" };
  const problem = isSafe || discard
    ? await removeBranch(mainRepo, branch)
    : losses({ ...found, uncommitted: [] }).join("; ");
  if (problem !== "") return { removed, kept: [`the branch ${branch}: ${problem}`], isGone: false };
  return { removed: [...removed, `the branch ${branch}`], kept: [], isGone: true };
}

/** Git itself refuses where something changed since, except in a worktree with submodules. */
async function removeWorktree(
  mainRepo: string,
  { path, discard }: { readonly path: string; readonly discard: boolean },
): Promise<string> {
  const hasSubmodules = (await submodules(path)).length > 0;
  const force = discard ? ["--force", "--force"] : hasSubmodules ? ["--force"] : [];
  const result = await git({ folder: mainRepo, timeoutMs: REMOVE_MS }, "worktree", "remove", ...force, path);
  if (result.code === 0 && lstatIfExists(path) === undefined) return "";
  return result.code === 0 ? "something is left there" : complaintOf(result);
}

async function removeBranch(mainRepo: string, branch: string): Promise<string> {
  const checkout = await checkoutOf(mainRepo, `refs/heads/${branch}`);
  if (checkout !== undefined) return `it is checked out in ${checkout}`;
  const result = await git(mainRepo, "branch", "--delete", "--force", "--", branch);
  return result.code === 0 ? "" : complaintOf(result);
}
