/**
 * A worktree as one commit can carry it, and made anew from that commit.
 *
 * @module
 */
import { join } from "node:path";
import { treeOf } from "../session/checkpoint.ts";
import { askGit, type GitPlace, mustGit } from "../session/git.ts";
import { lookAt } from "../session/look.ts";
import { type CheckpointSubject, copyIndex, removeScratchIndex, WITHIN_MS } from "../session/scratch_index.ts";
import { uncommitted } from "../session/uncommitted.ts";
import { checkFolder } from "../session/workplace_guard.ts";
import { myTurn } from "../session/worktree.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";
import { SamocodeError } from "../text/errors.ts";
import { asideRef } from "./aside_refs.ts";

/** Where a session works. */
export interface FleetWorktree {
  readonly worktree: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

/** A worktree at one moment. */
export interface WorktreeState {
  /** All its files but those that git ignores. */
  readonly tree: string;
  /** What its branch leads to. */
  readonly head: string;
  /** What is checked out: another commit while a rebase is under way. */
  readonly checkedOut: string;
  /** What is not in the tree, each with the reason. */
  readonly left: readonly string[];
}

/** An agent may write and commit while its worktree is read. */
const TRIES = 3;

const HINT = "Run git status in the worktree";

/**
 * Reads a worktree. Its index stays as it is.
 *
 * @throws {SamocodeError} If git fails.
 */
export async function readWorktree(subject: CheckpointSubject, branch: string): Promise<WorktreeState> {
  for (let count = 1;; count++) {
    try {
      return await readOnce(subject, branch);
    } catch (error) {
      if (!(error instanceof SamocodeError) || count === TRIES) throw error;
    }
  }
}

async function readOnce(subject: CheckpointSubject, branch: string): Promise<WorktreeState> {
  const { workplace, marker } = subject;
  const folders = worktreeGitFolders(workplace);
  if (folders === undefined) {
    throw new SamocodeError("conflict", `Cannot keep the work in ${workplace}: it is not a git worktree`, {
      hint: "Look at it on the machine where the session ran",
    });
  }
  const place = { folder: workplace, marker, timeoutMs: WITHIN_MS };
  // Before the files: of what is committed meanwhile, the files are newer than the branch, and nothing is lost.
  const head = await mustGit(place, ["rev-parse", "--verify", `refs/heads/${branch}^{commit}`], HINT);
  const look = await lookAt(place);
  const found = uncommitted(workplace, look);
  const checkedOut = look.head ?? head;
  if (found === undefined) {
    removeScratchIndex(subject);
    const tree = await mustGit(place, ["rev-parse", "--verify", `${checkedOut}^{tree}`], HINT);
    return { tree, head, checkedOut, left: [] };
  }
  using scratch = copyIndex(subject, join(folders.own, "index"));
  return { tree: await treeOf(scratch, found), head, checkedOut, left: found.left };
}

/** Enough for a large repository, or for large files that come from a server. */
const CHECKOUT_MS = 20 * 60_000;

/**
 * Makes a branch and its worktree: the branch at `head`, the files of `tree`, and the index as committed. A branch of
 * that name moves, and what it led to is kept as something that was set aside.
 *
 * @throws {SamocodeError} If the folder is taken, or git fails.
 */
export async function makeWorktree(
  repo: GitPlace & object,
  { worktree, branch, head, tree }: FleetWorktree & Pick<WorktreeState, "head" | "tree">,
): Promise<void> {
  checkFolder(worktree);
  if (lstatIfExists(worktree) !== undefined) {
    throw new SamocodeError("conflict", `Cannot create a worktree at ${worktree}: it already exists`, {
      hint: "Move it away",
    });
  }
  using _turn = await myTurn(repo.folder);
  const place = { ...repo, timeoutMs: CHECKOUT_MS };
  // Its folder may have been moved away by hand.
  await askGit(place, "worktree", "remove", "--force", "--force", worktree);
  const before = await askGit(place, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`);
  if (before !== undefined && before !== head) {
    await mustGit(place, ["update-ref", asideRef(new Date(), `heads/${branch}`), before], HINT);
  }
  // The branch moves in one step: to the other sessions of this repository, one that disappears is an agent's work.
  await mustGit(place, ["worktree", "add", "--quiet", "--no-track", "-B", branch, worktree, head], HINT);
  const there = { ...place, folder: worktree };
  await mustGit(there, ["read-tree", "-m", "-u", "--no-recurse-submodules", head, tree], HINT);
  await mustGit(there, ["read-tree", "-m", head], HINT);
}
