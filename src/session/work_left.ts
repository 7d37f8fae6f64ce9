/**
 * What would be lost with a session's worktree and branch: changes that are not committed, and commits that nothing else has.
 *
 * @module
 */
import { join } from "node:path";
import type { Workplace } from "../workflow/work.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { formatCount } from "../text/format.ts";
import { messageOf } from "../text/errors.ts";
import { askGit, complaintOf, git } from "./git.ts";
import { lookAt } from "./look.ts";
import { uncommittedPaths } from "./work_state.ts";
import { guardWorkplace } from "./workplace_guard.ts";

/** What is there, and what of it is nowhere else. */
export interface WorkLeft {
  readonly hasWorktree: boolean;
  /** The last commit of the branch; `undefined` if there is no branch. */
  readonly head: string | undefined;
  /** Paths in the worktree. */
  readonly uncommitted: readonly string[];
  /** How many commits no other branch, remote or tag has. */
  readonly unmerged: number;
  /** How many commits no remote has; `undefined` without a remote. */
  readonly unpushed: number | undefined;
  /** Why this cannot be told, or what else would be lost; may be empty. */
  readonly problem: string;
}

const NOTHING: WorkLeft = {
  hasWorktree: false,
  head: undefined,
  uncommitted: [],
  unmerged: 0,
  unpushed: undefined,
  problem: "",
};

/** Looks. Never throws because of what is found. */
export async function lookForWork(mainRepo: string, workplace: Workplace | undefined): Promise<WorkLeft> {
  const { path, branch } = workplace ?? {};
  // What it changed in the project folder itself is not the session's to remove.
  if (path === undefined || branch === undefined) return NOTHING;
  const hasWorktree = lstatIfExists(path) !== undefined;
  let found = { ...NOTHING, hasWorktree };
  try {
    found = { ...found, ...await commitsLeft(mainRepo, branch) };
    if (!hasWorktree) return found;
    await (await guardWorkplace(mainRepo, workplace))();
    const uncommitted = await uncommittedPaths(path);
    return { ...found, uncommitted, problem: uncommitted.length > 0 ? "" : await problemOfSubmodules(path) };
  } catch (error) {
    return { ...found, problem: messageOf(error) };
  }
}

async function commitsLeft(
  mainRepo: string,
  branch: string,
): Promise<Pick<WorkLeft, "head" | "unmerged" | "unpushed">> {
  const head = await commitOf(mainRepo, `refs/heads/${branch}`);
  if (head === undefined) return NOTHING;
  const hasRemote = (await askGit(mainRepo, "remote") ?? "") !== "";
  return {
    head,
    unmerged: await count(mainRepo, head, `--exclude=${branch}`, "--branches", "--remotes", "--tags"),
    unpushed: hasRemote ? await count(mainRepo, head, "--remotes") : undefined,
  };
}

/** What would be lost, each in words. */
export function losses({ uncommitted, unmerged, problem }: WorkLeft): readonly string[] {
  return [
    ...(uncommitted.length === 0 ? [] : [`uncommitted: ${listed(uncommitted)}`]),
    ...(unmerged === 0 ? [] : [`${formatCount(unmerged, "commit")} that no other branch has`]),
    ...(problem === "" ? [] : [problem]),
  ];
}

/** What happened on a branch after a commit, in words; `undefined` if it is still there. */
export async function changeSince(
  mainRepo: string,
  { branch, head, done }: { readonly branch: string; readonly head: string; readonly done: string },
): Promise<string | undefined> {
  if (head === done) return undefined;
  const log = await git(mainRepo, "rev-list", "--format=%h %s", head, "--not", done);
  // Git names each commit first.
  const added = log.stdout.split("\n").filter((line) => line !== "" && !/^commit [0-9a-f]{40,64}$/.test(line));
  if (log.code !== 0 || added.length === 0) {
    return `${branch} is at ${head.slice(0, 10)}, and was at ${done.slice(0, 10)} when the session was done`;
  }
  return `${branch} got ${formatCount(added.length, "commit")} after the session was done: ${listed(added)}`;
}

const MAX_LISTED = 5;

/** The first few, and how many more. */
export function listed(items: readonly string[]): string {
  const more = items.length - MAX_LISTED;
  return items.slice(0, MAX_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The commit that a name leads to, if any. */
export async function commitOf(folder: string, name: string): Promise<string | undefined> {
  return await askGit(folder, "rev-parse", "--verify", "--quiet", `${name}^{commit}`);
}

async function count(folder: string, head: string, ...known: readonly string[]): Promise<number> {
  const { code, stdout, stderr } = await git(folder, "rev-list", "--count", head, "--not", ...known);
  if (code !== 0) throw new Error(complaintOf({ code, stdout, stderr }));
  return Number(stdout);
}

/**
 * What the submodules of a worktree hold that is nowhere else; empty if nothing. Their commits are in the worktree's own git
 * folder, which goes with it.
 */
async function problemOfSubmodules(worktree: string): Promise<string> {
  for (const path of await submodules(worktree)) {
    const folder = join(worktree, path);
    const found = lstatIfExists(folder);
    if (found === undefined || (found.isDirectory && isEmpty(folder))) continue;
    const problem = lstatIfExists(join(folder, ".git")) === undefined
      ? "it has files, but is not set up"
      : await problemOfSubmodule(folder);
    if (problem !== "") return `the submodule ${path}: ${problem}`;
  }
  return "";
}

async function problemOfSubmodule(folder: string): Promise<string> {
  const { code, entries } = await lookAt(folder);
  if (code !== 0) return "git cannot read it";
  if (entries.length > 0) return "it has uncommitted changes";
  if (await count(folder, "HEAD", "--remotes") + await count(folder, "--branches", "--remotes") > 0) {
    return "it has commits that its remote has not";
  }
  return await problemOfSubmodules(folder);
}

/** The paths of submodules: entries of the index with the mode of a commit. */
export async function submodules(worktree: string): Promise<readonly string[]> {
  const entries = (await askGit(worktree, "ls-files", "--stage", "-z") ?? "").split("\0");
  return entries.flatMap((entry) => entry.startsWith("160000 ") ? [entry.slice(entry.indexOf("\t") + 1)] : []);
}

function isEmpty(folder: string): boolean {
  return Deno.readDirSync(folder)[Symbol.iterator]().next().done === true;
}
