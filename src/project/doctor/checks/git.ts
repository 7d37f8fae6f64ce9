/**
 * git, who commits, and the repository that sessions branch off from.
 *
 * @module
 */
import { join } from "node:path";
import { askGit, complaintOf, git as runGit } from "../../../session/git.ts";
import { statIfExists } from "../../../system/files/files.ts";
import { shellWord } from "../../../text/shell_word.ts";
import { type Finding, ok, problem, warning } from "../../../contract/finding.ts";
import type { Check, DiagnosisContext } from "../check.ts";

/** `rev-parse --path-format`, which finding a session's worktree needs, came with 2.31. */
const OLDEST_GIT = [2, 31] as const;

/** The check. */
export const git: Check = {
  area: "git",
  async examine(context): Promise<readonly Finding[]> {
    const folder = context.settings?.mainRepo ?? context.workingDirectory;
    const [version, identity, repository] = await Promise.all([
      versionOf(folder),
      identityOf(context, folder),
      context.settings === undefined ? [] : repositoryAt(context.settings.mainRepo),
    ]);
    return [version, identity, ...repository];
  },
};

async function versionOf(folder: string): Promise<Finding> {
  const said = await askGit(folder, "--version") ?? "";
  const [version = ""] = /\d+\.\d+(?:\.\d+)*/.exec(said) ?? [];
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor < OLDEST_GIT[1]);
  return isOld ? problem(`Version ${version} is too old`, `Install git ${OLDEST_GIT.join(".")} or later`) : ok(
    `Version ${version}`,
  );
}

async function identityOf({ env }: DiagnosisContext, folder: string): Promise<Finding> {
  const value = async (key: string, variables: readonly string[]) =>
    variables.every((name) => env[name]) ? env[variables[0] ?? ""] : await askGit(folder, "config", key);
  const name = await value("user.name", ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"]);
  const email = await value("user.email", ["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"]);
  if (name && email) return ok(`Commits are by ${name} <${email}>`);
  const missing = [...(name ? [] : ["user.name"]), ...(email ? [] : ["user.email"])];
  return problem(
    `Nobody can commit: ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set`,
    missing.map((key) => `git config --global ${key} "…"`).join("; "),
  );
}

async function repositoryAt(folder: string): Promise<readonly Finding[]> {
  const word = shellWord(folder);
  const gitFolder = await runGit(folder, "rev-parse", "--absolute-git-dir");
  if (gitFolder.code !== 0) {
    return /not a git repository \(or any /.test(gitFolder.stderr)
      ? [warning(`${folder} is no git repository: an agent works in it directly`, `git -C ${word} init`)]
      : [problem(`${folder} cannot be used: ${complaintOf(gitFolder)}`, `git -C ${word} status`)];
  }
  if (await askGit(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") === undefined) {
    return [warning(`${folder} has no commit: an agent works in it directly`, `git -C ${word} commit`)];
  }
  const unfinished = UNFINISHED.find(({ file }) => statIfExists(join(gitFolder.stdout.trim(), file)) !== undefined);
  const [branch, dirty, remotes] = await Promise.all([
    askGit(folder, "symbolic-ref", "--quiet", "--short", "HEAD"),
    askGit(folder, "status", "--porcelain", "--untracked-files=no"),
    askGit(folder, "remote"),
  ]);
  const where = `${folder}, on ${branch ?? "no branch"}, ${remotes ? "with a remote" : "without a remote"}`;
  return [
    ok(dirty ? `${where}; its uncommitted changes are not part of a session` : where),
    ...(unfinished === undefined ? [] : [
      warning(`A ${unfinished.name} was begun in ${folder} and is not finished`, `git -C ${word} status`),
    ]),
  ];
}

/** What git leaves in its folder meanwhile. */
const UNFINISHED = [
  { file: "MERGE_HEAD", name: "merge" },
  { file: "rebase-merge", name: "rebase" },
  { file: "rebase-apply", name: "rebase" },
  { file: "CHERRY_PICK_HEAD", name: "cherry-pick" },
  { file: "REVERT_HEAD", name: "revert" },
  { file: "BISECT_LOG", name: "bisect" },
] as const;
