/**
 * Makes sure that agents work in the session's own worktree: an agent can move it, link its path to the person's checkout,
 * or make git treat it as another one. Reads git's files, because git itself is too slow to ask before every attempt.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import type { Workplace } from "../workflow/work.ts";
import { SamocodeError } from "../text/errors.ts";
import { lstatIfExists, readBytesIfExists, realPathIfExists } from "../system/files/files.ts";
import { platform } from "../system/platform.ts";
import { shellWord } from "../text/terminal_text.ts";
import { askGit, mustGit } from "./git.ts";

/** Asks git for the folder that all worktrees of a repository share. */
export const COMMON_FOLDER = ["rev-parse", "--path-format=absolute", "--git-common-dir"] as const;

/**
 * Prepares a check to be called before each attempt.
 *
 * @returns The check. It throws a {@linkcode SamocodeError} if the worktree is no longer the session's own.
 */
export async function guardWorkplace(mainRepo: string, workplace: Workplace | undefined): Promise<() => Promise<void>> {
  const { path, branch } = workplace ?? {};
  // The project folder itself needs no guard.
  if (path === undefined || branch === undefined) return () => Promise.resolve();
  const common = Deno.realPathSync(await mustGit(mainRepo, COMMON_FOLDER, "Check MAIN_REPO with git status"));
  return async () => {
    // The start of the agent reports a missing folder.
    if (lstatIfExists(path) === undefined) return;
    const place = { path, branch, common };
    const found = changeOf(place) ?? await changeByConfiguration(place);
    if (found === undefined) return;
    const {
      change,
      hint = `See what happened, then: git -C ${shellWord(mainRepo)} worktree repair ${shellWord(path)}`,
    } = found;
    throw new SamocodeError("conflict", `Cannot go on in ${path}: ${change}`, { hint });
  };
}

/**
 * Checks that a worktree's path is a folder or free.
 *
 * @throws {SamocodeError} If it is a link or a file.
 */
export function checkFolder(path: string): void {
  const found = lstatIfExists(path);
  if (found === undefined || found.isDirectory) return;
  const change = found.isSymlink ? `it is a link to ${Deno.readLinkSync(path)}` : "it is not a folder";
  throw new SamocodeError("conflict", `Cannot go on in ${path}: ${change}`, {
    hint: "Put the worktree back, or remove what is there: the next run creates the worktree again from its branch",
  });
}

interface Place {
  readonly path: string;
  readonly branch: string;
  /** The folder that all worktrees of the repository share, without links. */
  readonly common: string;
}

interface Change {
  readonly change: string;
  /** By default, to let git repair the worktree. */
  readonly hint?: string;
}

/** What differs from git's layout of a worktree; see gitrepository-layout(5) and git-worktree(1). */
function changeOf({ path, branch, common }: Place): Change | undefined {
  checkFolder(path);
  const pointer = join(path, ".git");
  if (lstatIfExists(pointer) === undefined) {
    const hint = "Run the session again: it restores the file and keeps the work in the folder";
    return { change: "its .git file was deleted", hint };
  }
  const named = /^gitdir: (.+)$/.exec(textOf(pointer))?.[1];
  const own = named === undefined ? undefined : realPathIfExists(resolve(path, named));
  if (own === undefined || !same(dirname(own), join(common, "worktrees"))) {
    return { change: `its .git file does not lead to a worktree of ${common}` };
  }
  const registered = resolve(own, textOf(join(own, "gitdir")));
  if (!same(registered, join(Deno.realPathSync(path), ".git"))) {
    return { change: `git has the worktree ${basename(own)} at ${dirname(registered)}` };
  }
  if (realPathIfExists(resolve(own, textOf(join(own, "commondir")))) !== common) {
    return { change: `its repository is no longer ${common}` };
  }
  return changeOfHead({ path, branch, common }, textOf(join(own, "HEAD")));
}

/** A different branch, or a branch that is a symbolic ref to another one. */
function changeOfHead({ path, branch, common }: Place, head: string): Change | undefined {
  // Git writes this with the reftable format; `changeByConfiguration` checks the branch then.
  if (head === "ref: refs/heads/.invalid") return undefined;
  if (head !== `ref: refs/heads/${branch}`) return anotherBranch(/^ref: (.+)$/.exec(head)?.[1], { path, branch });
  const ref = join(common, "refs", "heads", branch);
  if (lstatIfExists(ref) === undefined) return undefined;
  const text = textOf(ref);
  if (same(realPathIfExists(ref) ?? "", ref) && /^[0-9a-f]{40,64}$/.test(text)) return undefined;
  return {
    change: `its branch ${branch} is only an alias now${text === "" ? "" : ` (${text.slice(0, 80)})`}`,
    hint: `Remove ${ref}, and recreate it at the session's last commit: git branch ${shellWord(branch)} COMMIT`,
  };
}

function anotherBranch(found: string | undefined, { path, branch }: Pick<Place, "path" | "branch">): Change {
  const other = found === undefined ? "no branch" : found.replace(/^refs\/heads\//, "");
  return {
    change: `${other} is checked out there, not ${branch}`,
    hint: `See what was done there, then: git -C ${shellWord(path)} switch ${shellWord(branch)}`,
  };
}

/** Asks git, if the repository has settings that can redirect a worktree or keep branches in another format. */
async function changeByConfiguration({ path, branch, common }: Place): Promise<Change | undefined> {
  if (!/worktreeconfig|refstorage/i.test(textOf(join(common, "config")))) return undefined;
  const top = await askGit(path, "rev-parse", "--show-toplevel");
  if (top === undefined || !same(top, Deno.realPathSync(path))) {
    const command = `git -C ${shellWord(path)} config --show-origin --get-all core.worktree`;
    return {
      change: `git works in ${top ?? "no folder"} from there`,
      hint: `Remove core.worktree, which this shows: ${command}`,
    };
  }
  const head = await askGit(path, "symbolic-ref", "HEAD");
  return head === `refs/heads/${branch}` ? undefined : anotherBranch(head, { path, branch });
}

/** Far more than any of these files has. */
const MAX_BYTES = 1024 * 1024;

/** The text of one of git's files; empty if it is missing or not a regular file. */
function textOf(path: string): string {
  const bytes = lstatIfExists(path)?.isFile ? readBytesIfExists(path, MAX_BYTES) : undefined;
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes).trimEnd() : "";
}

/** Windows ignores case, and git writes slashes there. */
function same(a: string, b: string): boolean {
  const [one, other] = [resolve(a), resolve(b)];
  return platform().hasModes ? one === other : one.toLowerCase() === other.toLowerCase();
}
