/**
 * Puts the files of a checkpoint back: into the worktree, or into another folder.
 *
 * @module
 */
import { join } from "node:path";
import { lstatIfExists } from "../system/files/files.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";
import { SamocodeError } from "../text/errors.ts";
import { treeOf } from "./checkpoint.ts";
import { askGit, type GitPlace, mustGit } from "./git.ts";
import { type CheckpointSubject, copyIndex } from "./scratch_index.ts";
import { lookAt } from "./look.ts";
import { uncommitted } from "./uncommitted.ts";
import { COMMON_FOLDER } from "./workplace_guard.ts";

const HINT = "Nothing was changed. Put it into another folder instead: --into DIR";

/**
 * Makes the files of a worktree those of a checkpoint. Branch and index stay as they are.
 *
 * @param kept The tree of the last checkpoint.
 * @throws {SamocodeError} If a file is in the way that is neither committed nor in that checkpoint; nothing is changed then.
 */
export async function putBack(
  subject: CheckpointSubject,
  { commit, kept }: { readonly commit: string; readonly kept: string | undefined },
): Promise<void> {
  const folders = worktreeGitFolders(subject.workplace);
  if (folders === undefined) throw refusal(subject.workplace, "it is not a git worktree");
  using place = copyIndex(subject, join(folders.own, "index"));
  const found = uncommitted(subject.workplace, await lookAt(place));
  const now = found === undefined ? await mustGit(place, ["write-tree"], HINT) : await treeOf(place, found);
  const committed = await askGit(place, "rev-parse", "--verify", "--quiet", "HEAD^{tree}");
  if (now !== kept && now !== committed) throw refusal(subject.workplace, "its files are changing");
  const obstacle = await obstacleTo(place, { now, commit });
  if (obstacle !== undefined) throw refusal(subject.workplace, `${obstacle} is in the way, which no checkpoint has`);
  await mustGit(place, ["read-tree", "-m", "-u", "--no-recurse-submodules", now, commit], HINT);
}

/** Writes the files of a checkpoint into a folder that is empty or does not exist. */
export async function putInto(
  folder: string,
  { subject, mainRepo, commit }: {
    readonly subject: CheckpointSubject;
    readonly mainRepo: string;
    readonly commit: string;
  },
): Promise<void> {
  const found = lstatIfExists(folder);
  if (found !== undefined && !(found.isDirectory && Deno.readDirSync(folder)[Symbol.iterator]().next().done)) {
    throw new SamocodeError("usage", `Cannot use ${folder}: it exists and is not an empty folder`, {
      hint: "Name a folder that does not exist",
    });
  }
  const common = await mustGit(mainRepo, COMMON_FOLDER, "Check MAIN_REPO with git status");
  Deno.mkdirSync(folder, { recursive: true });
  using place = copyIndex({ ...subject, workplace: folder }, undefined);
  const env = { ...place.env, GIT_DIR: common, GIT_WORK_TREE: folder };
  await mustGit(
    { ...place, env },
    ["read-tree", "--reset", "-u", "--no-recurse-submodules", commit],
    "Free some space",
  );
}

/** Git overwrites ignored files; so would it those that no checkpoint has. */
async function obstacleTo(
  place: GitPlace & { readonly folder: string },
  { now, commit }: { readonly now: string; readonly commit: string },
): Promise<string | undefined> {
  const list = async (...args: readonly string[]) =>
    (await mustGit(place, args, HINT)).split("\0").filter((path) => path !== "");
  const added = await list("diff-tree", "-r", "-z", "--no-renames", "--name-only", "--diff-filter=A", now, commit);
  if (added.length === 0) return undefined;
  const others = await list("ls-files", "-z", "--others", "--directory");
  const files = new Set(others.filter((path) => !path.endsWith("/")));
  const folders = others.filter((path) => path.endsWith("/"));
  return added.find((path) =>
    parentsAnd(path).some((each) => files.has(each)) ||
    others.some((other) => other.startsWith(`${path}/`)) ||
    (folders.some((folder) => path.startsWith(folder)) && lstatIfExists(join(place.folder, path)) !== undefined)
  );
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function parentsAnd(path: string): readonly string[] {
  return path.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));
}

function refusal(workplace: string, why: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot put the files back in ${workplace}: ${why}`, { hint: HINT });
}
