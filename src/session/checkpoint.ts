/**
 * A checkpoint: what is not committed in a worktree, kept as a commit that no branch leads to. Branch, index, stash and
 * hooks are left alone: git works on a copy of the index, and the commit has a ref of its own.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { Workplace } from "../workflow/work.ts";
import { removeIfExists } from "../system/files/files.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";
import { type GitPlace, mustGit } from "./git.ts";
import { CHECKPOINTS, type Layout } from "./layout.ts";
import { type Look, lookAt } from "./look.ts";
import { type CheckpointSubject, copyIndex, removeScratchIndex, WITHIN_MS } from "./scratch_index.ts";
import { type Uncommitted, uncommitted } from "./uncommitted.ts";

/** What was kept. */
export interface Checkpoint {
  readonly ref: string;
  readonly commit: string;
  readonly tree: string;
  /** How many files differ from the last commit. */
  readonly files: number;
  /** What is not in it, each with the reason. */
  readonly left: readonly string[];
}

/** The folder of a session's checkpoints, after its worktree: a session that is renamed keeps it. */
export function checkpointName({ name }: Pick<Layout, "name">, { path, branch }: Workplace): string {
  return branch === undefined ? name : basename(path);
}

const HINT = "See what git status says in the worktree";

/**
 * Keeps what is not committed. What git ignores is not kept.
 *
 * @param options `known` is the tree of the last checkpoint: the same one is not kept twice. `look` is what was seen since
 * anything ran in the worktree, if somebody looked.
 * @returns The checkpoint; only what was left out, if there is nothing else to keep; `undefined` if there is nothing, or
 * the workplace is not the top of a git worktree.
 * @throws {SamocodeError} If git fails.
 */
export async function makeCheckpoint(
  subject: CheckpointSubject,
  { title, known, look }: {
    readonly title: string;
    readonly known: string | undefined;
    readonly look?: Look | undefined;
  },
): Promise<Checkpoint | Pick<Checkpoint, "left"> | undefined> {
  const folders = worktreeGitFolders(subject.workplace);
  if (folders === undefined) return undefined;
  const { workplace, marker } = subject;
  const found = uncommitted(workplace, look ?? await lookAt({ folder: workplace, marker, timeoutMs: WITHIN_MS }));
  if (found === undefined) return void removeScratchIndex(subject);
  using place = copyIndex(subject, join(folders.own, "index"));
  const { head, files, left } = found;
  const tree = await treeOf(place, found);
  const committed = head === undefined ? undefined : await mustGit(place, ["rev-parse", `${head}^{tree}`], HINT);
  if (tree === known || tree === committed) return left.length === 0 ? undefined : { left };
  const parent = head === undefined ? [] : ["-p", head];
  const commit = await mustGit(place, ["commit-tree", tree, ...parent, "-m", title], HINT);
  const ref = await nextRef(place, subject.name);
  // Only the holder of the session's lock writes here: a lock of git is left by one that was killed.
  removeIfExists(join(folders.common, `${ref}.lock`));
  await mustGit(place, ["update-ref", "--no-deref", ref, commit, ""], HINT);
  return { ref, commit, tree, files, left };
}

/** Brings the copy of the index up to what is on disk. */
export async function treeOf(place: GitPlace & object, { gone, present }: Uncommitted): Promise<string> {
  const update = async (paths: readonly string[], ...flags: readonly string[]) => {
    if (paths.length === 0) return;
    const input = paths.map((path) => `${path}\0`).join("");
    await mustGit({ ...place, input }, ["update-index", "-z", ...flags, "--stdin"], HINT);
  };
  await update(gone, "--force-remove");
  await update(present, "--add", "--replace");
  return await mustGit(place, ["write-tree"], HINT);
}

/** The ref after the last one of that name, which may be an older session's. */
async function nextRef(place: GitPlace, name: string): Promise<string> {
  const folder = `${CHECKPOINTS}/${name}`;
  const refs = await mustGit(place, ["for-each-ref", "--format=%(refname)", `${folder}/`], HINT);
  const numbers = refs.split("\n").map((ref) => Number(/\/(\d{1,9})$/.exec(ref)?.[1] ?? 0));
  return `${folder}/${Math.max(0, ...numbers) + 1}`;
}
