/**
 * What of a repository a guarded agent may write: objects, refs and its own worktree's index, but nothing that git of
 * the person or of the worker obeys.
 *
 * @module
 */
import { join } from "node:path";
import { lstatIfExists, statIfExists } from "../system/files/files.ts";
import { worktreeGitFolders } from "../system/worktree_git_folders.ts";
import type { Environment } from "./attempt.ts";
import { type Wall, wallsAt } from "./walls.ts";

/** Of the repository's `.git`: what git of other checkouts, and of the person, obeys or works with. */
const SHARED = [
  "config",
  "config.worktree",
  "hooks",
  "info",
  "modules",
  "remotes",
  "branches",
  "HEAD",
  "index",
  "logs/HEAD",
  "worktrees",
  "refs/samocode",
];
/** The same in the folder of a worktree. */
const OWN = ["commondir", "gitdir", "config.worktree"];

/** The walls in and around the git folders of a worktree. */
export function gitWalls(workingDirectory: string): readonly Wall[] {
  const found = worktreeGitFolders(workingDirectory);
  if (found === undefined) return [];
  const { own, common } = found;
  // Made now, so that an agent cannot make them: with hooks that run outside, or checkpoints of its own.
  for (const path of ["hooks", "info", "refs/samocode"].map((name) => join(common, name))) {
    if (!statIfExists(path)?.isDirectory) Deno.mkdirSync(path, { recursive: true });
  }
  if (own === common) {
    return wallsAt(
      ["config", "config.worktree", "hooks", "info", "refs/samocode"].map((name) => join(common, name)),
      "read",
    );
  }
  const configuration = join(own, "config.worktree");
  if (lstatIfExists(configuration) === undefined) Deno.openSync(configuration, { append: true, create: true }).close();
  return [
    ...wallsAt([common], "write"),
    ...wallsAt(SHARED.map((name) => join(common, name)), "read"),
    ...wallsAt([own], "write"),
    ...wallsAt([...OWN.map((name) => join(own, name)), join(workingDirectory, ".git")], "read"),
  ];
}

/** What git would do to files that it cannot replace here, or in the background, where it would be cut off at the end. */
const SETTINGS = [
  ["gc.autoDetach", "false"],
  ["maintenance.autoDetach", "false"],
  ["repack.updateServerInfo", "false"],
  ["gc.reflogExpire", "never"],
  ["gc.reflogExpireUnreachable", "never"],
] as const;

/** Settings of git for what cannot work behind these walls, added to those in the environment. */
export function gitVariables(env: Environment): Environment {
  const first = Number(env["GIT_CONFIG_COUNT"] ?? 0) || 0;
  const pairs = SETTINGS.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(first + SETTINGS.length) };
}
