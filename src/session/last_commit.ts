/**
 * The last commit in a workplace, read from git's own record of where HEAD was: running git each second would cost more
 * than all else that a view does.
 *
 * @module
 */
import { join } from "node:path";
import { lstatIfExists, readTail } from "../system/files/files.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";
import { unlessFailing } from "../text/errors.ts";

/** A commit. */
export interface Commit {
  /** Its first ten digits. */
  readonly hash: string;
  readonly subject: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Many lines of the record, whose subjects can be long. */
const TAIL_BYTES = 16 * 1024;

/** Old and new hash, who, when, and what happened: see git-reflog(1). */
const MOVE = /^[0-9a-f]{40,64} ([0-9a-f]{40,64}) .*> (\d{1,11}) [+-]\d{4}\t(.*)$/;

/** The commit that HEAD is at; `undefined` if none was made there, or git keeps no record. */
export function lastCommit(workplace: string): Commit | undefined {
  const folders = worktreeGitFolders(workplace);
  if (folders === undefined) return undefined;
  const path = join(folders.own, "logs", "HEAD");
  // Reading a pipe would hang, and an agent can put one there.
  if (!lstatIfExists(path)?.isFile) return undefined;
  const lines = (unlessFailing(() => readTail(path, TAIL_BYTES)) ?? "").trimEnd().split("\n");
  const moves = lines.flatMap((line) => [MOVE.exec(line) ?? []]);
  const [, head] = moves.at(-1) ?? [];
  const [, hash = "", seconds = "", what = ""] =
    moves.findLast(([, to, , what = ""]) => to !== undefined && to === head && what.startsWith("commit")) ?? [];
  const subject = /^commit(?: \(\w+\))?: (.*)/.exec(what)?.[1];
  if (subject === undefined) return undefined;
  return { hash: hash.slice(0, 10), subject, at: new Date(Number(seconds) * 1000).toISOString() };
}
