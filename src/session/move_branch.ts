/**
 * Moves a branch forward to a commit, in the checkout that has it, if any. A person's changes there are never overwritten.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { lstatIfExists, realPathOr } from "../system/files/files.ts";
import { askGit, complaintOf, git, type GitResult, ignoredSettings, mustGit } from "./git.ts";
import { commitOf, listed } from "./work_left.ts";
import { COMMON_FOLDER } from "./workplace_guard.ts";

/** Where a branch goes. */
export interface BranchMove {
  readonly into: string;
  /** The commit that it is at. */
  readonly base: string;
  /** A commit that has that one. */
  readonly commit: string;
  /** How a person does it, for errors. */
  readonly byHand: string;
}

/** Enough to check out a large merge, in milliseconds. */
export const MERGE_MS = 20 * 60_000;

/**
 * Moves a branch.
 *
 * @throws {SamocodeError} If it was moved meanwhile, or a person's file is in the way; nothing is changed then.
 */
export async function moveBranch(
  mainRepo: string,
  { into, base, commit, byHand }: BranchMove,
): Promise<void> {
  const ref = `refs/heads/${into}`;
  const checkout = await checkoutOf(mainRepo, ref);
  if (checkout === undefined) {
    await checkUnused(mainRepo, into);
    const args = ["update-ref", "-m", "samocode finish", ref, commit, base];
    await mustGit(mainRepo, args, "The branch was moved meanwhile: type it again");
    return;
  }
  await checkCheckout(mainRepo, { checkout, byHand });
  const merge = async () =>
    await git(
      { folder: checkout, timeoutMs: MERGE_MS },
      "merge",
      "--ff-only",
      "--no-overwrite-ignore",
      "--quiet",
      commit,
    );
  let merged = await merge();
  if (merged.code !== 0 && await takeOver(checkout, { base, commit, paths: overwritten(merged) })) {
    merged = await merge();
  }
  if (merged.code !== 0) throw refusalOf(merged, { into, checkout });
  if (await commitOf(mainRepo, ref) === commit) return;
  throw new SamocodeError("conflict", `Cannot merge into ${into} in ${checkout}: git did not move the branch`, {
    hint: `See what is there (git -C ${shellWord(checkout)} status). ${byHand}`,
  });
}

/** A rebase has the branch in no checkout, and cannot end once somebody else has moved it. Git refuses to force such. */
async function checkUnused(mainRepo: string, into: string): Promise<void> {
  const forced = await git(mainRepo, "branch", "--no-track", "--force", "--", into, `refs/heads/${into}`);
  if (forced.code === 0) return;
  throw new SamocodeError("conflict", `Cannot merge into ${into}: ${complaintOf(forced)}`, {
    hint: "End the rebase or bisect there, then finish it again",
  });
}

/** The files that git says it would overwrite. */
function overwritten({ stderr }: GitResult): readonly string[] {
  return stderr.split("\n").flatMap((line) => /^\t(.+)$/.exec(line)?.[1] ?? []);
}

/** A checkout that was cut short has begun with few files; a person has changed few. */
const MAX_TAKEN_OVER = 500;

/**
 * Tells git which files are already as the merge makes them: a git that was killed in the middle leaves such, without
 * knowing. No file is written.
 *
 * @returns Whether all are; else they are a person's own changes.
 */
async function takeOver(
  checkout: string,
  { base, commit, paths }: { readonly base: string; readonly commit: string; readonly paths: readonly string[] },
): Promise<boolean> {
  if (paths.length === 0 || paths.length > MAX_TAKEN_OVER) return false;
  const idOf = async (name: string) => await askGit(checkout, "rev-parse", "--verify", "--quiet", name) ?? "";
  for (const path of paths) {
    const wanted = await idOf(`${commit}:${path}`);
    if (wanted === "" || lstatIfExists(join(checkout, path))?.isFile !== true) return false;
    if (await askGit(checkout, "hash-object", "--", path) !== wanted) return false;
    // Something else was staged.
    if (!["", wanted, await idOf(`${base}:${path}`)].includes(await idOf(`:${path}`))) return false;
  }
  const entries = await askGit(checkout, "ls-tree", "-z", commit, "--", ...paths.map((path) => `:(literal)${path}`));
  if (entries === undefined) return false;
  return (await git({ folder: checkout, input: entries }, "update-index", "-z", "--index-info")).code === 0;
}

/** The worktree that a branch is checked out in, if any. */
export async function checkoutOf(mainRepo: string, ref: string): Promise<string | undefined> {
  const listed = await mustGit(
    mainRepo,
    ["worktree", "list", "--porcelain", "-z"],
    "Check the repository with git status",
  );
  const found = listed.split("\0\0").map((entry) => entry.split("\0")).find((lines) => lines.includes(`branch ${ref}`));
  return found?.find((line) => line.startsWith("worktree "))?.slice("worktree ".length);
}

/** A setting or a file of git's may lead to another folder, which a merge would fill. */
async function checkCheckout(
  mainRepo: string,
  { checkout, byHand }: { readonly checkout: string; readonly byHand: string },
): Promise<void> {
  const top = await askGit(checkout, "rev-parse", "--show-toplevel");
  const [common, own] = [await askGit(checkout, ...COMMON_FOLDER), await askGit(mainRepo, ...COMMON_FOLDER)];
  if (top === undefined || realPathOr(resolve(top)) !== realPathOr(checkout) || common !== own) {
    throw new SamocodeError("conflict", `Cannot merge in ${checkout}: git works in ${top ?? "no folder"} from there`, {
      hint: byHand,
    });
  }
  // Without its filter, git would stop in the middle of the checkout.
  const filters = (await ignoredSettings(checkout)).filter((key) => key.startsWith("filter."));
  if (filters.length === 0) return;
  throw new SamocodeError(
    "conflict",
    `Cannot merge in ${checkout}: only the repository's own configuration names ${listed(filters)}, so it may not run`,
    { hint: byHand },
  );
}

function refusalOf(
  merged: GitResult,
  { into, checkout }: { readonly into: string; readonly checkout: string },
): SamocodeError {
  const paths = overwritten(merged);
  const isLocked = /\.lock': File exists/.test(merged.stderr);
  const why = paths.length === 0
    ? complaintOf(merged)
    : `${listed(paths)} would be overwritten, which you changed there`;
  return new SamocodeError("conflict", `Cannot merge into ${into} in ${checkout}: ${why}. Nothing was changed`, {
    hint: isLocked
      ? "Delete that lock file if no git is running there, then finish it again"
      : paths.length === 0
      ? `See what is there (git -C ${shellWord(checkout)} status), then finish it again`
      : `Commit or stash it there (git -C ${shellWord(checkout)} stash -u), then finish it again`,
  });
}
