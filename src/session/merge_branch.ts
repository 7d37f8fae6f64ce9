/**
 * Merges a session's branch into another one. The merge is made as a commit first, without any checkout; then the other
 * branch is moved forward to it, in its checkout if it has one. So a conflict is found before anything changes, and git
 * itself refuses to touch a file that a person has changed.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { complaintOf, git, mustGit } from "./git.ts";
import { MERGE_MS, moveBranch } from "./move_branch.ts";
import { commitOf, listed } from "./work_left.ts";

/** What to merge. */
export interface MergeRequest {
  /** The session's name, for messages. */
  readonly session: string;
  readonly branch: string;
  /** The commit of that branch to merge. */
  readonly head: string;
  readonly into: string;
  /** Whether a merge commit would be wrong. */
  readonly isFastForward: boolean;
}

/**
 * Merges.
 *
 * @returns The commit that `into` is at then.
 * @throws {SamocodeError} If it is not possible; nothing is changed then.
 */
export async function mergeBranch(mainRepo: string, request: MergeRequest): Promise<string> {
  const { branch, head, into, isFastForward } = request;
  const base = await mustFind(mainRepo, request);
  if (await isAncestor(mainRepo, { commit: head, of: base })) return base;
  const canForward = await isAncestor(mainRepo, { commit: base, of: head });
  if (isFastForward && !canForward) {
    throw new SamocodeError("conflict", `Cannot fast-forward ${into}: it has commits that ${branch} has not`, {
      hint: "Rebase the session's branch, or make a merge commit",
      actions: [{ verb: "finish", session: request.session, way: "merge", into }],
    });
  }
  const commit = isFastForward ? head : await mergeCommit(mainRepo, { ...request, base, canForward });
  await moveBranch(mainRepo, { into, base, commit, byHand: byHand(mainRepo, request) });
  return commit;
}

/** Whether a branch, named in full, has a commit already. */
export async function isMerged(
  mainRepo: string,
  { head, into }: Pick<MergeRequest, "head" | "into">,
): Promise<boolean> {
  const base = await commitOf(mainRepo, into);
  return base !== undefined && await isAncestor(mainRepo, { commit: head, of: base });
}

async function mustFind(mainRepo: string, { session, into }: MergeRequest): Promise<string> {
  const base = await commitOf(mainRepo, `refs/heads/${into}`);
  if (base !== undefined) return base;
  throw new SamocodeError("conflict", `Cannot merge into ${into}: there is no such branch`, {
    hint: "Name another one, or push",
    actions: [{ verb: "finish", session, into: "BRANCH" }, { verb: "finish", session, way: "push" }],
  });
}

async function isAncestor(
  mainRepo: string,
  { commit, of }: { readonly commit: string; readonly of: string },
): Promise<boolean> {
  return (await git(mainRepo, "merge-base", "--is-ancestor", commit, of)).code === 0;
}

interface Trial extends MergeRequest {
  readonly base: string;
  readonly canForward: boolean;
}

async function mergeCommit(mainRepo: string, trial: Trial): Promise<string> {
  const { branch, head, base, canForward } = trial;
  const tree = canForward
    ? await mustGit(mainRepo, ["rev-parse", `${head}^{tree}`], "Check the repository with git fsck")
    : await mergedTree(mainRepo, trial);
  const args = ["commit-tree", "-p", base, "-p", head, "-m", `Merge branch '${branch}'`, tree];
  return await mustGit(mainRepo, args, WHO);
}

const WHO = 'Tell git who you are: git config --global user.name "Your Name" && ' +
  "git config --global user.email you@example.com";

/** Exit code 1 means conflicts, whose paths follow the tree: git-merge-tree(1), since git 2.38. */
async function mergedTree(mainRepo: string, { session, branch, head, into, base }: Trial): Promise<string> {
  const args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", base, head];
  const tried = await git({ folder: mainRepo, timeoutMs: MERGE_MS }, ...args);
  const [tree = "", ...conflicts] = tried.stdout.split("\0").filter((part) => part !== "");
  if (tried.code === 0) return tree;
  const hint = byHand(mainRepo, { branch, into });
  if (tried.code !== 1) {
    throw new SamocodeError("system", `Cannot try the merge of ${branch}: ${complaintOf(tried)}`, {
      hint: `git 2.38 or later can. ${hint}`,
    });
  }
  const drivers = tried.ignored.filter((key) => key.startsWith("merge."));
  const unused = drivers.length === 0 ? "" : ` (git may not use the repository's own ${drivers.join(", ")})`;
  throw new SamocodeError(
    "conflict",
    `Cannot merge ${branch} into ${into}: both changed ${listed(conflicts)}${unused}. Nothing was changed`,
    { hint: `${hint}; or give the session that as a task`, actions: [{ verb: "continue", session }] },
  );
}

function byHand(mainRepo: string, { branch, into }: Pick<MergeRequest, "branch" | "into">): string {
  const at = `git -C ${shellWord(mainRepo)}`;
  return `Merge by hand (${at} switch ${shellWord(into)} && ${at} merge ${shellWord(branch)}), then finish it again`;
}
