/**
 * Removes a session's checkpoints from the repository.
 *
 * @module
 */
import { askGit, git } from "./git.ts";
import { CHECKPOINTS } from "./layout.ts";

/** Removes those refs that still lead where they did; their commits go with git's next collection. */
export async function removeRefs(
  mainRepo: string,
  made: readonly { readonly ref: string; readonly commit: string }[],
): Promise<void> {
  if (made.length === 0) return;
  const there = await askGit(mainRepo, "for-each-ref", "--format=%(refname) %(objectname)", `${CHECKPOINTS}/`) ?? "";
  const found = new Set(there.split("\n"));
  const lines = made.map(({ ref, commit }) => `${ref} ${commit}`).filter((line) => found.has(line));
  if (lines.length === 0) return;
  await git({ folder: mainRepo, input: lines.map((line) => `delete ${line}\n`).join("") }, "update-ref", "--stdin");
}
