/**
 * Where a session that was started by hand works: in a worktree of the project's repository, on a branch of its own. Its
 * notebook only proposes; whoever wrote it may have named somebody else's work.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import type { Workplace } from "../workflow/work.ts";
import { isInside, lstatIfExists, realPathOr } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { askGit, mustGit } from "./git.ts";
import { checkWorkplaceFree, whyNoWorktree, type WorkplaceRequest } from "./worktree.ts";

/** What a notebook names, and what it is held against. */
export interface AdoptedPlace extends WorkplaceRequest {
  /** The session's folder, for messages. */
  readonly session: string;
  readonly notebook: string;
  readonly directory: string | undefined;
  readonly branch: string | undefined;
  /** Whether there may be work on the branch. */
  readonly hasBuilt: boolean;
  /** The session to which a branch belongs already. */
  readonly ownerOf: (branch: string) => string | undefined;
}

/**
 * Finds the session's own worktree or branch.
 *
 * @returns `undefined` if it has none: then one is created, as for a new session.
 * @throws {SamocodeError} If the notebook names something that is not the session's own.
 */
export async function adoptWorkplace(place: AdoptedPlace): Promise<Workplace | undefined> {
  const { mainRepo, worktrees, name, directory } = place;
  if (await whyNoWorktree(mainRepo) !== undefined) {
    if (directory === undefined || realPathOr(directory) === Deno.realPathSync(mainRepo)) return undefined;
    throw refusal(place, `it works in ${directory}, and not in ${mainRepo}`, `Write "Working Dir: ${mainRepo}" in`);
  }
  const trees = await worktreesOf(mainRepo);
  const named = findNamed(place, trees);
  const branch = named === undefined ? await branchOf(place, trees) : await checkedOutIn(named, place);
  if (branch === undefined) {
    if (!place.hasBuilt) return void await checkWorkplaceFree(place);
    const [own] = ownNames(place);
    const command = `git -C ${shellWord(mainRepo)} branch ${shellWord(own)}`;
    const hint = `Commit it, then: ${command}; and write "Branch: ${own}" below the title of`;
    throw refusal(place, "its work is on no branch of its own", hint);
  }
  const owner = place.ownerOf(branch);
  if (owner !== undefined) {
    throw refusal(place, `the branch ${branch} belongs to the session ${owner}`, "Rename the folder, and correct");
  }
  const tree = named ?? trees.find((tree) => tree.branch === branch);
  if (tree?.isPersons) {
    const away = `git -C ${shellWord(tree.path)} switch ${shellWord(await defaultBranch(mainRepo))}`;
    throw refusal(place, `${branch} is checked out in ${tree.path}`, `Commit what is there, then: ${away}; else see`);
  }
  const path = tree?.path ?? join(worktrees, name);
  if (tree === undefined && lstatIfExists(path) !== undefined) {
    throw refusal(place, `${path} is in the way of a worktree for ${branch}`, "Move it away, or correct");
  }
  return { path, branch, base: undefined, note: "" };
}

interface Tree {
  readonly path: string;
  readonly branch: string | undefined;
  /** Whether it is where the person works. */
  readonly isPersons: boolean;
}

/** The first is the main one. */
async function worktreesOf(mainRepo: string): Promise<readonly Tree[]> {
  const listed = await mustGit(mainRepo, ["worktree", "list", "--porcelain"], "Check MAIN_REPO with git status");
  const own = Deno.realPathSync(mainRepo);
  return listed.split(/\n\n+/).flatMap((text, index) => {
    const path = /^worktree (.+)$/m.exec(text)?.[1];
    if (path === undefined) return [];
    const branch = /^branch refs\/heads\/(.+)$/m.exec(text)?.[1];
    return [{ path: resolve(path), branch, isPersons: index === 0 || realPathOr(path) === own }];
  });
}

/** The worktree that the notebook names; `undefined` if it names none, the person's checkout, or one that is gone. */
function findNamed(place: AdoptedPlace, trees: readonly Tree[]): Tree | undefined {
  const { directory, mainRepo } = place;
  if (directory === undefined) return undefined;
  if (!isAbsolute(directory)) throw refusal(place, `${directory} is not a whole path`, "Correct Working Dir in");
  const real = realPathOr(resolve(directory));
  const found = trees.find((tree) => realPathOr(tree.path) === real);
  if (found !== undefined) return found.isPersons ? undefined : found;
  const isProjects = trees.some((tree) => tree.isPersons && isInside(realPathOr(tree.path), real));
  if (isProjects || lstatIfExists(directory) === undefined) return undefined;
  throw refusal(place, `${directory} is no worktree of ${mainRepo}`, "Correct Working Dir, or remove the line, in");
}

async function checkedOutIn({ path, branch }: Tree, place: AdoptedPlace): Promise<string> {
  const [own] = ownNames(place);
  if (branch === undefined) {
    const command = `git -C ${shellWord(path)} switch -c ${shellWord(own)}`;
    throw refusal(place, `${path} is on no branch`, `Give it one: ${command}; else correct`);
  }
  if (place.branch !== undefined && place.branch !== branch) {
    throw refusal(place, `${path} has ${branch} checked out, not ${place.branch}`, "Correct Branch in");
  }
  if (await isOwn(branch, place)) return branch;
  throw notOwn(branch, place);
}

/**
 * The session's branch, if its notebook names one that exists. One that only has the session's name may be a person's. That
 * of the person's checkout is none of its own.
 */
async function branchOf(place: AdoptedPlace, trees: readonly Tree[]): Promise<string | undefined> {
  const { mainRepo, branch } = place;
  const exists = async (name: string): Promise<boolean> =>
    await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/heads/${name}`) !== undefined;
  const isPersons = trees.some((tree) => tree.isPersons && tree.branch === branch);
  if (branch !== undefined && await exists(branch)) {
    if (await isOwn(branch, place)) return branch;
    if (!isPersons && branch !== await defaultBranch(mainRepo)) throw notOwn(branch, place);
  }
  for (const name of ownNames(place)) {
    if (!(await isOwn(name, place)) || !(await exists(name))) continue;
    const hint = `If it is its own, write "Branch: ${name}" below the title of its notebook, else rename it; see`;
    throw refusal(place, `there is a branch ${name}, which its notebook does not name`, hint);
  }
  return undefined;
}

/** What samocode and the original call a session's branch. */
function ownNames({ branchPrefix, name }: AdoptedPlace): readonly [string, ...string[]] {
  return [`${branchPrefix}${name}`, name];
}

const NOBODYS_OWN: readonly string[] = ["main", "master", "HEAD"];

async function isOwn(branch: string, place: AdoptedPlace): Promise<boolean> {
  // Git would take a hyphen for a flag.
  if (NOBODYS_OWN.includes(branch) || branch.startsWith("-")) return false;
  if (branch === await defaultBranch(place.mainRepo)) return false;
  return ownNames(place).includes(branch) || branch.split("/").at(-1) === place.name;
}

function notOwn(branch: string, place: AdoptedPlace): SamocodeError {
  const [own] = ownNames(place);
  const rename = `git -C ${shellWord(place.mainRepo)} branch -m ${shellWord(branch)} ${shellWord(own)}`;
  return refusal(
    place,
    `the branch ${branch} is not named after it`,
    `If it is its own: ${rename}; and correct Branch in`,
  );
}

async function defaultBranch(mainRepo: string): Promise<string> {
  const found = await askGit(mainRepo, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD");
  return found?.replace(/^origin\//, "") ?? "main";
}

function refusal({ session, notebook }: AdoptedPlace, why: string, hint: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot adopt ${session}: ${why}`, { hint: `${hint} ${notebook}` });
}
