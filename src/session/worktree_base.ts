/**
 * Which commit a new session's branch starts from.
 *
 * @module
 */
import { askGit, git, type GitPlace, mustGit } from "./git.ts";

/** A commit to start from. */
export interface WorktreeBase {
  readonly commit: string;
  /** What the commit is the head of: `origin/main`, `main`, `detached HEAD`. */
  readonly name: string;
  /** What a human should know about the choice; may be empty. */
  readonly note: string;
}

/** The remote's default branch, fetched if possible; the local HEAD if there is no remote. */
export async function worktreeBase(mainRepo: GitPlace): Promise<WorktreeBase> {
  const notes: string[] = [];
  const prefix = await askGit(mainRepo, "rev-parse", "--show-prefix");
  if (prefix !== undefined && prefix !== "") {
    notes.push(`MAIN_REPO is the folder ${prefix} of its repository; the session's worktree contains all of it`);
  }
  const dirty = await askGit(mainRepo, "status", "--porcelain", "--untracked-files=no");
  if (dirty !== undefined && dirty !== "") {
    notes.push("Uncommitted changes in the project are not part of the session's worktree");
  }
  const remote = await remoteOf(mainRepo);
  if (remote !== undefined) {
    const fetched = await git(mainRepo, "fetch", "--quiet", "--", remote);
    if (fetched.code !== 0) {
      const unused = fetched.ignored.length === 0
        ? ""
        : ` (git may not use the repository's own ${fetched.ignored.join(", ")})`;
      notes.push(`${remote} could not be fetched${unused}: the session starts from its last known state`);
    }
    const branch = await defaultBranch(mainRepo, { remote, reachable: fetched.code === 0 });
    const commit = branch &&
      await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/remotes/${branch}^{commit}`);
    if (branch !== undefined && commit !== undefined && commit !== "") {
      return { commit, name: branch, note: notes.join("; ") };
    }
    notes.push(`the default branch of ${remote} is unknown: the session starts from the local HEAD`);
  }
  const commit = await mustGit(mainRepo, ["rev-parse", "HEAD^{commit}"], "Check the repository with git status");
  const name = await askGit(mainRepo, "symbolic-ref", "--quiet", "--short", "HEAD") ?? "detached HEAD";
  return { commit, name, note: notes.join("; ") };
}

/** The remote that counts: `origin`, else the first. */
export async function remoteOf(mainRepo: GitPlace): Promise<string | undefined> {
  const remotes = (await askGit(mainRepo, "remote") ?? "").split("\n").filter((name) => name !== "");
  return remotes.includes("origin") ? "origin" : remotes[0];
}

/** For example `origin/main`. The local record may be as old as the clone, so the remote is asked first. */
async function defaultBranch(
  mainRepo: GitPlace,
  { remote, reachable }: { readonly remote: string; readonly reachable: boolean },
): Promise<string | undefined> {
  const answer = reachable ? await askGit(mainRepo, "ls-remote", "--symref", "--", remote, "HEAD") : undefined;
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer ?? "")?.[1];
  if (branch !== undefined) return `${remote}/${branch}`;
  return await askGit(mainRepo, "symbolic-ref", "--quiet", "--short", `refs/remotes/${remote}/HEAD`);
}
