/**
 * git, the identity for commits, and the repository that sessions branch off from.
 *
 * @module
 */
import { join } from "node:path";
import { type Finding, ok, problem, warning } from "../../../contract/finding.ts";
import { askGit, complaintOf, git as runGit, ignoredSettings } from "../../../session/git.ts";
import { statIfExists } from "../../../system/files/files.ts";
import { shellWord } from "../../../text/terminal_text.ts";
import { type Check, type DiagnosisContext, isOlder } from "../check.ts";

/** A session's worktree is found with `rev-parse --path-format`, which came with 2.31. */
const OLDEST_GIT = [2, 31] as const;

/** Checks git. */
export const git: Check = {
  area: "git",
  async *examine(context): AsyncGenerator<Finding> {
    const { mainRepo } = context.settings ?? {};
    const folder = mainRepo ?? context.workingDirectory;
    const [version] = /\d+\.\d+(?:\.\d+)*/.exec(await askGit(folder, "--version") ?? "") ?? [""];
    yield isOlder(version, OLDEST_GIT)
      ? problem(`Version ${version} is too old`, `Install git ${OLDEST_GIT.join(".")} or later`)
      : ok(`Version ${version}`);
    yield await examineIdentity(context, folder);
    if (mainRepo !== undefined) yield* examineRepository(mainRepo);
  },
};

async function examineIdentity({ env }: DiagnosisContext, folder: string): Promise<Finding> {
  const value = async (key: string, variables: readonly string[]) =>
    variables.every((name) => env[name]) ? env[variables[0] ?? ""] : await askGit(folder, "config", key);
  const name = await value("user.name", ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"]);
  const email = await value("user.email", ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"]);
  if (name && email) return ok(`Commits are by ${name} <${email}>`);
  const missing = [...(name ? [] : ["user.name"]), ...(email ? [] : ["user.email"])];
  return problem(
    `git cannot commit: ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set`,
    missing.map((key) => `git config --global ${key} "…"`).join("; "),
  );
}

async function* examineRepository(folder: string): AsyncGenerator<Finding> {
  const there = `git -C ${shellWord(folder)}`;
  const gitFolder = await runGit(folder, "rev-parse", "--absolute-git-dir");
  if (gitFolder.code !== 0) {
    yield /not a git repository \(or any /.test(gitFolder.stderr)
      ? warning(`${folder} is not a git repository: agents work in it directly`, `${there} init`)
      : problem(`Cannot use ${folder}: ${complaintOf(gitFolder)}`, `${there} status`);
    return;
  }
  if (await askGit(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") === undefined) {
    yield warning(`${folder} has no commits: agents work in it directly`, `${there} commit`);
    return;
  }
  const [branch, dirty, remotes] = await Promise.all([
    askGit(folder, "symbolic-ref", "--quiet", "--short", "HEAD"),
    askGit(folder, "status", "--porcelain", "--untracked-files=no"),
    askGit(folder, "remote"),
  ]);
  const where = `${folder}, on ${branch ?? "no branch"}, ${remotes ? "with a remote" : "without a remote"}`;
  yield ok(dirty ? `${where}; sessions start without its uncommitted changes` : where);
  const ignored = await ignoredSettings(folder);
  if (ignored.length > 0) {
    yield ok(
      `samocode's git does not use the repository's own ${ignored.join(", ")}`,
      `git config --global ${shellWord(ignored[0] ?? "")} …`,
    );
  }
  const [, unfinished] = UNFINISHED.find(([file]) => statIfExists(join(gitFolder.stdout.trim(), file))) ?? [];
  if (unfinished !== undefined) yield warning(`Unfinished ${unfinished} in ${folder}`, `${there} status`);
}

/** The files that git keeps in its folder during an operation. */
const UNFINISHED = [
  ["MERGE_HEAD", "merge"],
  ["rebase-merge", "rebase"],
  ["rebase-apply", "rebase"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["BISECT_LOG", "bisect"],
] as const;
