/**
 * A session's own branch and worktree, made by the worker itself: no tokens, no agent's mood.
 *
 * @module
 */
import { join, resolve } from "node:path";
import type { Workplace } from "../workflow/session_event.ts";
import { SamocodeError } from "../text/errors.ts";
import { lstatIfExists, readTextIfExists, statIfExists } from "../system/files/files.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { shellWord } from "../text/shell_word.ts";
import { askGit, complaintOf, git, type GitPlace, mustGit } from "./git.ts";
import { checkFolder } from "./workplace_guard.ts";
import { worktreeBase } from "./worktree_base.ts";

/** What a workplace is made from. */
export interface WorkplaceRequest {
  readonly mainRepo: string;
  readonly worktrees: string;
  /** The session's name; branch and worktree are called after it. */
  readonly name: string;
  readonly branchPrefix: string;
  /** Stands in the environment of every git that works on it, see {@linkcode GitPlace}. */
  readonly marker?: string | undefined;
}

/** Why a repository is worked in directly. */
const NO_REPOSITORY = "The project is no git repository: the agent works in it directly, and nothing can be taken back";
const NO_COMMIT = "The repository has no commit yet: the agent works in it directly, on the branch that is checked out";

/**
 * Checks that a new session's branch and worktree are free, before anything is made.
 *
 * @returns Why there will be none, because the project is worked in directly; else `undefined`.
 * @throws {SamocodeError} Where they are not free.
 */
export async function checkWorkplaceFree(request: WorkplaceRequest): Promise<string | undefined> {
  const direct = await unusable(request.mainRepo);
  if (direct !== undefined) return direct;
  const { path, branch } = placeOf(request);
  if (lstatIfExists(path) !== undefined) {
    throw new SamocodeError("conflict", `Cannot make a worktree at ${path}: something is there already`, {
      hint: `Choose another session name, or remove it: git -C ${shellWord(request.mainRepo)} worktree remove ${
        shellWord(path)
      }`,
    });
  }
  if (await branchExists(request.mainRepo, branch)) {
    throw new SamocodeError("conflict", `Cannot make the branch ${branch}: it exists already`, {
      hint: `Choose another session name, or delete it: git -C ${shellWord(request.mainRepo)} branch -D ${
        shellWord(branch)
      }`,
    });
  }
  const valid = await askGit(request.mainRepo, "check-ref-format", "--branch", branch);
  if (valid === undefined) {
    throw new SamocodeError("usage", `Cannot make the branch ${JSON.stringify(branch)}: git does not allow that name`, {
      hint: "Change GIT_BRANCH_PREFIX or the session name",
    });
  }
  return undefined;
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
  using _turn = await myTurn(mainRepo);
  const place = { folder: mainRepo, marker: request.marker };
  const base = await worktreeBase(place);
  await addWorktree(place, { path, branch, base: base.commit });
  return { path, branch, base: `${base.name} (${base.commit.slice(0, 10)})`, note: base.note };
}

/**
 * Makes sure that the workplace of an old session is still there; a worktree that was removed is made again from its
 * branch.
 *
 * @returns Whether it had to be made again.
 * @throws {SamocodeError} Where it is gone for good.
 */
export async function restoreWorkplace(
  mainRepo: string,
  workplace: Workplace,
  { marker }: Pick<WorkplaceRequest, "marker"> = {},
): Promise<boolean> {
  if (workplace.branch !== undefined) checkFolder(workplace.path);
  if (isFolder(workplace.path) && !(await isUnfinished(workplace.path))) {
    if (workplace.branch !== undefined) await relink(mainRepo, workplace.path);
    return false;
  }
  if (workplace.branch === undefined || !(await branchExists(mainRepo, workplace.branch))) {
    throw new SamocodeError("conflict", `Cannot go on in ${workplace.path}: the folder is gone, and so is its branch`, {
      hint: "Restore the branch from a remote or a backup, or start a new session",
    });
  }
  using _turn = await myTurn(mainRepo);
  await addWorktree({ folder: mainRepo, marker }, {
    path: workplace.path,
    branch: workplace.branch,
    base: workplace.branch,
  });
  return true;
}

/** Has git write the `.git` file of a worktree anew where that was deleted or leads nowhere. */
async function relink(mainRepo: string, path: string): Promise<void> {
  if (await isTop(path)) return;
  await git(mainRepo, "worktree", "repair", path);
  if (await isTop(path)) return;
  throw new SamocodeError("conflict", `Cannot go on in ${path}: it is no worktree of ${mainRepo} any more`, {
    hint: "Save what you need from it and move it away; the next run makes the worktree again from its branch",
  });
}

/**
 * Waits until no other session makes a worktree of this repository: git reads the half-made entry of another one, and
 * gives up ("failed to read … commondir").
 */
async function myTurn(mainRepo: string): Promise<Disposable | undefined> {
  const common = await askGit(mainRepo, ...COMMON_FOLDER);
  // A file system without locks: that two sessions begin there in the same moment is rare enough.
  return common === undefined ? undefined : await lockFolder(common).catch(() => undefined);
}

/** Asks git for the folder that all worktrees of a repository share. */
const COMMON_FOLDER = ["rev-parse", "--path-format=absolute", "--git-common-dir"] as const;

/** A large repository, or one whose large files come from a server, takes its time to check out. */
const CHECKOUT_MS = 20 * 60_000;

async function addWorktree(
  mainRepo: GitPlace,
  { path, branch, base }: { readonly path: string; readonly branch: string; readonly base: string },
): Promise<void> {
  if (lstatIfExists(path) === undefined) {
    // The entry of a worktree that was deleted by hand. Not `prune`: another one may lie on a disk that is not mounted.
    await git(mainRepo, "worktree", "remove", "--force", path);
  } else if (await isWorktree(mainRepo, { path, branch })) {
    // An interrupted worker may have come this far already.
    if (!(await isUnfinished(path))) return;
    await git(mainRepo, "worktree", "remove", "--force", "--force", path);
  }
  const args = await branchExists(mainRepo, branch)
    ? ["worktree", "add", path, branch]
    : ["worktree", "add", "--no-track", "-b", branch, path, base];
  const patiently = { ...(typeof mainRepo === "string" ? { folder: mainRepo } : mainRepo), patienceMs: CHECKOUT_MS };
  await mustGit(patiently, args, "Run the same git command by hand to see more, then run the session again");
}

/** Tells whether `path` is the top of a worktree of this very repository, on that branch. */
async function isWorktree(
  mainRepo: GitPlace,
  { path, branch }: { readonly path: string; readonly branch: string },
): Promise<boolean> {
  return isFolder(path) && await isTop(path) &&
    await askGit(path, ...COMMON_FOLDER) === await askGit(mainRepo, ...COMMON_FOLDER) &&
    await askGit(path, "symbolic-ref", "--short", "HEAD") === branch;
}

async function isTop(path: string): Promise<boolean> {
  const top = await askGit(path, "rev-parse", "--show-toplevel");
  // On Windows git writes slashes.
  return top !== undefined && resolve(top) === Deno.realPathSync(path);
}

/** Tells whether git died while it filled a worktree; until it is full, git keeps it locked with this word. */
async function isUnfinished(path: string): Promise<boolean> {
  const gitFolder = await askGit(path, "rev-parse", "--absolute-git-dir");
  return gitFolder !== undefined && readTextIfExists(join(gitFolder, "locked"))?.trim() === "initializing";
}

/**
 * A folder that git can make no worktree from, and why.
 *
 * @throws {SamocodeError} Where there is a repository that git does not read. To work in it directly would put at risk
 * what a worktree protects.
 */
async function unusable(mainRepo: string): Promise<string | undefined> {
  const found = await git(mainRepo, "rev-parse", "--show-prefix");
  if (found.code !== 0) {
    if (/not a git repository \(or any /.test(found.stderr)) return NO_REPOSITORY;
    throw new SamocodeError("system", `Cannot use the repository ${mainRepo}: ${complaintOf(found)}`, {
      hint: `Mend it until this works: git -C ${shellWord(mainRepo)} status`,
    });
  }
  const isCommitted = async (name: string) =>
    await askGit(mainRepo, "rev-parse", "--verify", "--quiet", name) !== undefined;
  if (!(await isCommitted("HEAD^{commit}"))) return NO_COMMIT;
  // A folder that merely lies in somebody's repository, a home folder under git for example: no worktree would hold it.
  return found.stdout.trim() === "" || await isCommitted("HEAD:./") ? undefined : NO_REPOSITORY;
}

async function branchExists(mainRepo: GitPlace, branch: string): Promise<boolean> {
  return await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`) !== undefined;
}

function placeOf(
  { worktrees, name, branchPrefix }: WorkplaceRequest,
): { readonly path: string; readonly branch: string } {
  return { path: join(worktrees, name), branch: `${branchPrefix}${name}` };
}

function isFolder(path: string): boolean {
  return statIfExists(path)?.isDirectory ?? false;
}
