/**
 * One look at what is not committed in a worktree, for all who need it before anything runs there again.
 *
 * @module
 */
import { messageOf } from "../text/errors.ts";
import { git, type GitPlace, type GitResult } from "./git.ts";

/** What git said. */
export interface Look extends Omit<GitResult, "ignored"> {
  /** The last commit; `undefined` if there is none yet. */
  readonly head: string | undefined;
  /** See "Porcelain Format Version 2" in git-status(1). */
  readonly entries: readonly string[];
}

const STATUS = [
  // The index is not refreshed.
  ...["--no-optional-locks", "status", "--porcelain=v2", "--branch", "-z"],
  ...["--untracked-files=all", "--no-renames", "--no-ahead-behind"],
];

/** Looks, whatever comes of it: git cannot even start where an agent removed the folder. */
export async function lookAt(place: GitPlace): Promise<Look> {
  const { code, stdout, stderr } = await git(place, ...STATUS).catch((error) => ({
    code: 1,
    stdout: "",
    stderr: messageOf(error),
  }));
  const lines = code !== 0 ? [] : stdout.split("\0").filter((line) => line !== "");
  const head = lines.flatMap((line) => /^# branch\.oid ([0-9a-f]+)$/.exec(line)?.[1] ?? [])[0];
  return { code, stdout, stderr, head, entries: lines.filter((line) => !line.startsWith("# ")) };
}
