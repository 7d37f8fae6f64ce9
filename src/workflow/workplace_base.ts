/**
 * What a session's branch was created from, as its workplace names it: `origin/main (4f1c2aa7d0)`.
 *
 * @module
 */

const BASE = /^(.+) \(([0-9a-f]{7,64})\)$/;

/** The commit, perhaps shortened; `undefined` where the workplace names none. */
export function baseCommitOf(base: string | undefined): string | undefined {
  return BASE.exec(base ?? "")?.[2];
}

/** The branch: `main`, or `origin/main`; `undefined` if no branch was checked out. */
export function baseBranchOf(base: string | undefined): string | undefined {
  const name = BASE.exec(base ?? "")?.[1];
  return name === "detached HEAD" ? undefined : name;
}
