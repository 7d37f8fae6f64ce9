/**
 * Reads a worktree's state so that one commit can hold it, and recreates the worktree from that commit.
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

/** A session's worktree. */
export interface FleetWorktree {
  readonly worktree: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

/** The state of a worktree. */
export interface WorktreeState {
  /** All its files except those that git ignores. */
  readonly tree: string;
  /** The commit that its branch points to. */
  readonly head: string;
  /** The checked-out commit, which differs from `head` during a rebase. */
  readonly checkedOut: string;
  /** What the tree leaves out, each with the reason. */
  readonly left: readonly string[];
}

/** Retry: an agent may write and commit while its worktree is read. */
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
  // Read the head first: if an agent commits in between, the files are newer than the head, and nothing is lost.
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

/** Enough for a large repository, or for large files that are fetched from a server. */
const CHECKOUT_MS = 20 * 60_000;

/**
 * Creates a branch and its worktree: the branch at `head`, the files of `tree`, and the index as committed. An existing
 * branch of that name is moved, and its former commit is set aside.
 *
 * @throws {SamocodeError} If the folder exists, or git fails.
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
  // git may still know a worktree whose folder somebody moved away.
  await askGit(place, "worktree", "remove", "--force", "--force", worktree);
  const before = await askGit(place, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`);
  if (before !== undefined && before !== head) {
    await mustGit(place, ["update-ref", asideRef(new Date(), `heads/${branch}`), before], HINT);
  }
  // Move the branch in one step: other sessions of this repository would blame an agent for a branch that disappears.
  await mustGit(place, ["worktree", "add", "--quiet", "--no-track", "-B", branch, worktree, head], HINT);
  const there = { ...place, folder: worktree };
  await mustGit(there, ["read-tree", "-m", "-u", "--no-recurse-submodules", head, tree], HINT);
  await mustGit(there, ["read-tree", "-m", head], HINT);
}
