/**
 * A session's own branch and worktree, made by the worker itself: no tokens, no agent's mood.
 *
 * @module
 */
import { join } from "node:path";
import type { Workplace } from "../workflow/session_event.ts";
import { SamocodeError } from "../system/errors.ts";
import { statIfExists } from "../system/files.ts";
import { askGit, git, mustGit } from "./git.ts";

/** What a workplace is made from. */
export interface WorkplaceRequest {
  readonly mainRepo: string;
  readonly worktrees: string;
  /** The session's name; branch and worktree are called after it. */
  readonly name: string;
  readonly branchPrefix: string;
}

/** Why a repository is worked in directly. */
const NO_REPOSITORY = "The project is no git repository: the agent works in it directly, and nothing can be taken back";
const NO_COMMIT = "The repository has no commit yet: the agent works in it directly, on the branch that is checked out";

/**
 * Checks that a new session's branch and worktree are free, before anything is made.
 *
 * @throws {SamocodeError} Where they are not.
 */
export async function checkWorkplaceFree(request: WorkplaceRequest): Promise<void> {
  if (await unusable(request.mainRepo) !== undefined) return;
  const { path, branch } = placeOf(request);
  if (statIfExists(path) !== undefined) {
    throw new SamocodeError("conflict", `Cannot make a worktree at ${path}: something is there already`, {
      hint: `Choose another session name, or remove it: git -C ${request.mainRepo} worktree remove ${path}`,
    });
  }
  if (await branchExists(request.mainRepo, branch)) {
    throw new SamocodeError("conflict", `Cannot make the branch ${branch}: it exists already`, {
      hint: `Choose another session name, or delete it: git -C ${request.mainRepo} branch -D ${branch}`,
    });
  }
  const valid = await askGit(request.mainRepo, "check-ref-format", "--branch", branch);
  if (valid === undefined) {
    throw new SamocodeError("usage", `Cannot make the branch ${JSON.stringify(branch)}: git does not allow that name`, {
      hint: "Change GIT_BRANCH_PREFIX or the session name",
    });
  }
}

/**
 * Makes the branch and the worktree, or finds them as an interrupted worker left them.
 *
 * @throws {SamocodeError} With git's own words, where git refuses.
 */
export async function prepareWorkplace(request: WorkplaceRequest): Promise<Workplace> {
  const { mainRepo } = request;
  const reason = await unusable(mainRepo);
  if (reason !== undefined) return { path: mainRepo, branch: undefined, base: undefined, note: reason };
  const { path, branch } = placeOf(request);
  const base = await baseOf(mainRepo);
  await addWorktree(mainRepo, { path, branch, base: base.commit });
  return { path, branch, base: `${base.name} (${base.commit.slice(0, 10)})`, note: base.note };
}

/**
 * Makes sure that the workplace of an old session is still there; a worktree that was removed is made again from its
 * branch.
 *
 * @returns Whether it had to be made again.
 * @throws {SamocodeError} Where it is gone for good.
 */
export async function restoreWorkplace(mainRepo: string, workplace: Workplace): Promise<boolean> {
  if (statIfExists(workplace.path)?.isDirectory) return false;
  if (workplace.branch === undefined || !(await branchExists(mainRepo, workplace.branch))) {
    throw new SamocodeError("conflict", `Cannot go on in ${workplace.path}: the folder is gone, and so is its branch`, {
      hint: "Restore the branch from a remote or a backup, or start a new session",
    });
  }
  await addWorktree(mainRepo, { path: workplace.path, branch: workplace.branch, base: workplace.branch });
  return true;
}

async function addWorktree(
  mainRepo: string,
  { path, branch, base }: { readonly path: string; readonly branch: string; readonly base: string },
): Promise<void> {
  // An interrupted worker may have come this far already.
  const checkedOut = await askGit(path, "symbolic-ref", "--short", "HEAD").catch(() => undefined);
  if (statIfExists(path) !== undefined && checkedOut === branch) return;
  await git(mainRepo, "worktree", "prune");
  const args = await branchExists(mainRepo, branch)
    ? ["worktree", "add", path, branch]
    : ["worktree", "add", "--no-track", "-b", branch, path, base];
  await mustGit(mainRepo, args, "Run the same git command by hand to see more, then run the session again");
}

/** A folder that git can make no worktree from, and why. */
async function unusable(mainRepo: string): Promise<string | undefined> {
  if (await askGit(mainRepo, "rev-parse", "--is-inside-work-tree") !== "true") return NO_REPOSITORY;
  return await askGit(mainRepo, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") === undefined
    ? NO_COMMIT
    : undefined;
}

/** The remote's default branch as it is now, or as it was last seen; the local HEAD where there is no remote. */
async function baseOf(
  mainRepo: string,
): Promise<{ readonly commit: string; readonly name: string; readonly note: string }> {
  const notes: string[] = [];
  const dirty = await askGit(mainRepo, "status", "--porcelain", "--untracked-files=no");
  if (dirty !== undefined && dirty !== "") {
    notes.push("Uncommitted changes in the project are not part of the session's worktree");
  }
  const remote = await remoteOf(mainRepo);
  if (remote !== undefined) {
    const fetched = await git(mainRepo, "fetch", "--quiet", remote);
    if (fetched.code !== 0) {
      notes.push(`${remote} could not be fetched: the session starts from what was last seen of it`);
    }
    const branch = await defaultBranch(mainRepo, remote);
    const commit = branch &&
      await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/remotes/${branch}^{commit}`);
    if (branch !== undefined && commit !== undefined && commit !== "") {
      return { commit, name: branch, note: notes.join("; ") };
    }
    notes.push(`${remote} has no default branch: the session starts from the local HEAD`);
  }
  const commit = await mustGit(mainRepo, ["rev-parse", "HEAD^{commit}"], "Check the repository with git status");
  const name = await askGit(mainRepo, "symbolic-ref", "--quiet", "--short", "HEAD") ?? "detached HEAD";
  return { commit, name, note: notes.join("; ") };
}

async function remoteOf(mainRepo: string): Promise<string | undefined> {
  const remotes = (await askGit(mainRepo, "remote") ?? "").split("\n").filter((name) => name !== "");
  return remotes.includes("origin") ? "origin" : remotes[0];
}

/** `origin/main`. */
async function defaultBranch(mainRepo: string, remote: string): Promise<string | undefined> {
  const head = await askGit(mainRepo, "symbolic-ref", "--quiet", "--short", `refs/remotes/${remote}/HEAD`);
  if (head !== undefined) return head;
  // A repository that was made by `git init` and `git remote add` was never told; the remote knows.
  const answer = await askGit(mainRepo, "ls-remote", "--symref", remote, "HEAD");
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer ?? "")?.[1];
  return branch === undefined ? undefined : `${remote}/${branch}`;
}

async function branchExists(mainRepo: string, branch: string): Promise<boolean> {
  return await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`) !== undefined;
}

function placeOf(
  { worktrees, name, branchPrefix }: WorkplaceRequest,
): { readonly path: string; readonly branch: string } {
  return { path: join(worktrees, name), branch: `${branchPrefix}${name}` };
}
