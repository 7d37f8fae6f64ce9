/**
 * A session's own branch and worktree, created by the worker without an agent.
 *
 * @module
 */
import { join, resolve } from "node:path";
import type { Workplace } from "../workflow/work.ts";
import { SamocodeError } from "../text/errors.ts";
import { backupPath, lstatIfExists, readTextIfExists, removeIfExists, statIfExists } from "../system/files/files.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { shellWord } from "../text/terminal_text.ts";
import { askGit, complaintOf, git, type GitPlace, type GitResult, mustGit } from "./git.ts";
import { checkFolder, COMMON_FOLDER } from "./workplace_guard.ts";
import { worktreeBase } from "./worktree_base.ts";

/** What to create a workplace from. */
export interface WorkplaceRequest {
  readonly mainRepo: string;
  readonly worktrees: string;
  /** The session's name, also of its worktree and, after the prefix, its branch. */
  readonly name: string;
  readonly branchPrefix: string;
  /** In the environment of every git that works on it; see {@linkcode GitPlace}. */
  readonly marker?: string | undefined;
}

const NO_REPOSITORY = "The project is not a git repository: the agent works in it directly, and nothing can be undone";
const NO_COMMIT = "The repository has no commit yet: the agent works in it directly, on the branch that is checked out";

/**
 * Checks that the names of a new session's branch and worktree are free, before anything is created.
 *
 * @returns Why the agent will work in the project directly; `undefined` if it gets a worktree.
 * @throws {SamocodeError} If they are taken or invalid.
 */
export async function checkWorkplaceFree(request: WorkplaceRequest): Promise<string | undefined> {
  const direct = await whyNoWorktree(request.mainRepo);
  if (direct !== undefined) return direct;
  const { path, branch } = placeOf(request);
  if (lstatIfExists(path) !== undefined) {
    const command = `git -C ${shellWord(request.mainRepo)} worktree remove ${shellWord(path)}`;
    throw new SamocodeError("conflict", `Cannot create a worktree at ${path}: it already exists`, {
      hint: `Choose another session name, or remove it: ${command}`,
    });
  }
  if (await branchExists(request.mainRepo, branch)) {
    const command = `git -C ${shellWord(request.mainRepo)} branch -D ${shellWord(branch)}`;
    throw new SamocodeError("conflict", `Cannot create the branch ${branch}: it already exists`, {
      hint: `Choose another session name, or delete it: ${command}`,
    });
  }
  const valid = await askGit(request.mainRepo, "check-ref-format", "--branch", branch);
  if (valid === undefined) {
    throw new SamocodeError("usage", `Cannot create the branch ${JSON.stringify(branch)}: git rejects that name`, {
      hint: "Change GIT_BRANCH_PREFIX or the session name",
    });
  }
  return undefined;
}

/** With so many workplaces of one name, something else is wrong. */
const MAX_SAME_NAMES = 99;

/**
 * The first of `add-jwt`, `add-jwt-2`, `add-jwt-3`, … whose branch and worktree are free.
 *
 * @throws {SamocodeError} If none is.
 */
export async function freeRequest(request: WorkplaceRequest): Promise<WorkplaceRequest> {
  for (let count = 1;; count++) {
    const each = count === 1 ? request : { ...request, name: `${request.name}-${count}` };
    try {
      await checkWorkplaceFree(each);
      return each;
    } catch (error) {
      if (!(error instanceof SamocodeError) || error.code !== "conflict" || count === MAX_SAME_NAMES) throw error;
    }
  }
}

/**
 * Creates the branch and the worktree, or completes what an interrupted worker left.
 *
 * @throws {SamocodeError} With git's own message, if git fails.
 */
export async function prepareWorkplace(request: WorkplaceRequest): Promise<Workplace> {
  const { mainRepo } = request;
  const reason = await whyNoWorktree(mainRepo);
  if (reason !== undefined) return { path: mainRepo, branch: undefined, base: undefined, note: reason };
  const { path, branch } = placeOf(request);
  using _turn = await myTurn(mainRepo);
  const place = { folder: mainRepo, marker: request.marker };
  const base = await worktreeBase(place);
  const aside = await addWorktree(place, { path, branch, base: base.commit });
  const note = [base.note, aside].filter((text) => text !== "").join("; ");
  return { path, branch, base: `${base.name} (${base.commit.slice(0, 10)})`, note };
}

/**
 * Makes sure that a session's workplace still exists. A removed worktree is created again from its branch.
 *
 * @returns What a human should know if it was created again; `undefined` if it was still there.
 * @throws {SamocodeError} If it cannot be.
 */
export async function restoreWorkplace(
  mainRepo: string,
  workplace: Workplace,
  { marker }: Pick<WorkplaceRequest, "marker"> = {},
): Promise<string | undefined> {
  if (workplace.branch !== undefined) checkFolder(workplace.path);
  if (isFolder(workplace.path) && !(await isUnfinished(workplace.path))) {
    if (workplace.branch !== undefined) await relink(mainRepo, workplace.path);
    return undefined;
  }
  if (workplace.branch === undefined || !(await branchExists(mainRepo, workplace.branch))) {
    throw new SamocodeError("conflict", `Cannot go on in ${workplace.path}: the folder is gone, and so is its branch`, {
      hint: "Restore the branch from a remote or a backup, or start a new session",
    });
  }
  using _turn = await myTurn(mainRepo);
  const { path, branch } = workplace;
  const aside = await addWorktree({ folder: mainRepo, marker }, { path, branch, base: branch });
  return aside || "the worktree was removed and created again from its branch";
}

/** Lets git restore the `.git` file of a worktree if it was deleted or leads nowhere. */
async function relink(mainRepo: string, path: string): Promise<void> {
  if (await isTop(path)) return;
  await git(mainRepo, "worktree", "repair", path);
  if (await isTop(path)) return;
  throw new SamocodeError("conflict", `Cannot go on in ${path}: it is no longer a worktree of ${mainRepo}`, {
    hint: "Save what you need from it and move it away; the next run creates the worktree again from its branch",
  });
}

/**
 * Waits until no other session is creating a worktree of this repository: git fails on another worktree's incomplete
 * entry ("failed to read … commondir").
 */
export async function myTurn(mainRepo: string): Promise<Disposable | undefined> {
  const common = await askGit(mainRepo, ...COMMON_FOLDER);
  // On a file system without locks, two sessions rarely begin in the same moment.
  return common === undefined ? undefined : await lockFolder(common).catch(() => undefined);
}

/** Enough for a large repository, or for large files that come from a server. */
const CHECKOUT_MS = 20 * 60_000;

/** Returns where something that was in its place is now, in words; empty if there was nothing. */
async function addWorktree(
  place: { readonly folder: string; readonly marker?: string | undefined },
  { path, branch, base }: WorktreePlace & { readonly base: string },
): Promise<string> {
  let note = "";
  if (lstatIfExists(path) === undefined) {
    // Its folder may have been deleted by hand. Not `prune`: other worktrees may be on a disk that is not mounted. Not by
    // force: a folder that has come back stays if it is not clean.
    await git(place, "worktree", "remove", path);
  } else if (await isWorktree(place, { path, branch })) {
    // An interrupted worker may have come this far.
    if (!(await isUnfinished(path))) return note;
    if (!(await isUntouched(path))) {
      const aside = backupPath(path, new Date());
      Deno.renameSync(path, aside);
      // It would lead git to the new worktree.
      removeIfExists(join(aside, ".git"));
      note = `git had not finished the worktree: what was there is in ${aside}`;
    }
    await git(place, "worktree", "remove", "--force", "--force", path);
  }
  const args = await branchExists(place, branch)
    ? ["worktree", "add", path, branch]
    : ["worktree", "add", "--no-track", "-b", branch, path, base];
  await mustGit({ ...place, timeoutMs: CHECKOUT_MS }, args, (refused) => hintFor(refused, place.folder));
  return note;
}

function hintFor({ stderr, ignored }: GitResult, mainRepo: string): string {
  const [, filter = ""] = /: smudge filter (.+) failed$/m.exec(stderr) ?? [];
  if (/^git-crypt/.test(filter)) {
    return "git-crypt finds its keys only in the main checkout: run git-crypt lock there, and agents work without its files";
  }
  const key = ["process", "smudge"].map((name) => `filter.${filter}.${name}`).find((name) => ignored.includes(name));
  if (key === undefined) return "Run the same git command by hand to see more, then run the session again";
  const look = `git -C ${shellWord(mainRepo)} config ${shellWord(key)}`;
  return `Only the repository's own configuration names that filter, so it did not run. See it: ${look}; if you trust it: git config --global ${
    shellWord(key)
  } COMMAND`;
}

/** Tells whether `path` is the top of a worktree of this repository, on that branch. */
async function isWorktree(mainRepo: GitPlace, { path, branch }: WorktreePlace): Promise<boolean> {
  return isFolder(path) && await isTop(path) &&
    await askGit(path, ...COMMON_FOLDER) === await askGit(mainRepo, ...COMMON_FOLDER) &&
    await askGit(path, "symbolic-ref", "--short", "HEAD") === branch;
}

async function isTop(path: string): Promise<boolean> {
  const top = await askGit(path, "rev-parse", "--show-toplevel");
  // On Windows git writes slashes.
  return top !== undefined && resolve(top) === Deno.realPathSync(path);
}

/** Tells whether git died while it filled a worktree: until then, git keeps it locked with this word. */
async function isUnfinished(path: string): Promise<boolean> {
  const gitFolder = await askGit(path, "rev-parse", "--absolute-git-dir");
  return gitFolder !== undefined && readTextIfExists(join(gitFolder, "locked"))?.trim() === "initializing";
}

/** Tells whether each file of an unfinished worktree is as it was committed; files may be missing. */
async function isUntouched(path: string): Promise<boolean> {
  const gitFolder = await askGit(path, "rev-parse", "--absolute-git-dir");
  const place = { folder: path, env: { GIT_INDEX_FILE: join(gitFolder ?? path, "index.committed") } };
  await git(place, "read-tree", "HEAD");
  const { code, stdout } = await git(place, "status", "--porcelain", "-z", "--untracked-files=all", "--ignored");
  return code === 0 && stdout.split("\0").every((entry) => entry === "" || entry.startsWith(" D "));
}

/**
 * Why git cannot create a worktree from a folder, if so.
 *
 * @throws {SamocodeError} If there is a repository that git cannot read: working in it directly could damage it.
 */
export async function whyNoWorktree(mainRepo: string): Promise<string | undefined> {
  const found = await git(mainRepo, "rev-parse", "--show-prefix");
  if (found.code !== 0) {
    if (/not a git repository \(or any /.test(found.stderr)) return NO_REPOSITORY;
    throw new SamocodeError("system", `Cannot use the repository ${mainRepo}: ${complaintOf(found)}`, {
      hint: `Repair it until this works: git -C ${shellWord(mainRepo)} status`,
    });
  }
  const isCommitted = async (name: string) =>
    await askGit(mainRepo, "rev-parse", "--verify", "--quiet", name) !== undefined;
  if (!(await isCommitted("HEAD^{commit}"))) return NO_COMMIT;
  // An untracked folder inside a repository, such as a home folder under git, would be missing from the worktree.
  return found.stdout.trim() === "" || await isCommitted("HEAD:./") ? undefined : NO_REPOSITORY;
}

/** Whether a branch is there. */
export async function branchExists(mainRepo: GitPlace, branch: string): Promise<boolean> {
  return await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`) !== undefined;
}

interface WorktreePlace {
  readonly path: string;
  readonly branch: string;
}

function placeOf({ worktrees, name, branchPrefix }: WorkplaceRequest): WorktreePlace {
  return { path: join(worktrees, name), branch: `${branchPrefix}${name}` };
}

function isFolder(path: string): boolean {
  return statIfExists(path)?.isDirectory ?? false;
}
