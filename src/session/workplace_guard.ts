/**
 * Holds a session to its own worktree: an agent can move it, link its path to the person's checkout, or have git take it
 * for another one, and then a later agent would work there. Read from git's files: asking git would cost more than a whole
 * pause between iterations may.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import type { Workplace } from "../workflow/session_event.ts";
import { SamocodeError } from "../text/errors.ts";
import { lstatIfExists, readBytesIfExists } from "../system/files/files.ts";
import { platform } from "../system/platform.ts";
import { shellWord } from "../text/shell_word.ts";
import { askGit, mustGit } from "./git.ts";

/** Looks whether a worktree is still the session's own. */
export type WorkplaceGuard = () => Promise<void>;

/**
 * Learns what must stay as it is.
 *
 * @returns What to call before each attempt. It throws a {@linkcode SamocodeError} that says what was changed.
 */
export async function guardWorkplace(mainRepo: string, workplace: Workplace): Promise<WorkplaceGuard> {
  const { path, branch } = workplace;
  // Worked in directly: there is nothing to be kept apart from.
  if (branch === undefined) return () => Promise.resolve();
  const question = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
  const common = Deno.realPathSync(await mustGit(mainRepo, question, "Check MAIN_REPO with git status"));
  return async () => {
    // Found when the agent is started, and told there.
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
 * Refuses what is no folder of its own in the place of a worktree.
 *
 * @throws {SamocodeError} Where there is a link or a file.
 */
export function checkFolder(path: string): void {
  const found = lstatIfExists(path);
  if (found === undefined || found.isDirectory) return;
  const change = found.isSymlink ? `it is a link to ${Deno.readLinkSync(path)}` : "it is no folder";
  throw new SamocodeError("conflict", `Cannot go on in ${path}: ${change}`, {
    hint: "Put the worktree back in its place, or remove what is there: the next run makes it again from its branch",
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
  /** What to do, where that is not to have git repair the worktree. */
  readonly hint?: string;
}

/** What is not as git laid it out for this worktree; see gitrepository-layout(5) and git-worktree(1). */
function changeOf({ path, branch, common }: Place): Change | undefined {
  checkFolder(path);
  const pointer = join(path, ".git");
  if (lstatIfExists(pointer) === undefined) {
    const hint = "Run the session again: the file is written anew, and the work in the folder stays";
    return { change: "its .git file was deleted", hint };
  }
  const named = /^gitdir: (.+)$/.exec(textOf(pointer))?.[1];
  const own = named === undefined ? undefined : realPath(resolve(path, named));
  if (own === undefined || !same(dirname(own), join(common, "worktrees"))) {
    return { change: `its .git file leads to no worktree of ${common}` };
  }
  const registered = resolve(own, textOf(join(own, "gitdir")));
  if (!same(registered, join(Deno.realPathSync(path), ".git"))) {
    return { change: `git has the worktree ${basename(own)} at ${dirname(registered)}` };
  }
  if (realPath(resolve(own, textOf(join(own, "commondir")))) !== common) {
    return { change: `its repository is no longer ${common}` };
  }
  return changeOfHead({ path, branch, common }, textOf(join(own, "HEAD")));
}

/** Another branch, also by a branch that is only a name for another one. */
function changeOfHead({ path, branch, common }: Place, head: string): Change | undefined {
  // What git writes there with reftable, which keeps no such files: then git is asked.
  if (head === "ref: refs/heads/.invalid") return undefined;
  if (head !== `ref: refs/heads/${branch}`) return anotherBranch(/^ref: (.+)$/.exec(head)?.[1], { path, branch });
  const ref = join(common, "refs", "heads", branch);
  if (lstatIfExists(ref) === undefined) return undefined;
  const text = textOf(ref);
  if (same(realPath(ref) ?? "", ref) && /^[0-9a-f]{40,64}$/.test(text)) return undefined;
  return {
    change: `its branch ${branch} is only another name now${text === "" ? "" : ` (${text.slice(0, 80)})`}`,
    hint: `Remove ${ref}, and make the branch again at the session's last commit: git branch ${
      shellWord(branch)
    } COMMIT`,
  };
}

function anotherBranch(found: string | undefined, { path, branch }: Pick<Place, "path" | "branch">): Change {
  const other = found === undefined ? "no branch" : found.replace(/^refs\/heads\//, "");
  return {
    change: `${other} is checked out there, not ${branch}`,
    hint: `Look what was done there, then: git -C ${shellWord(path)} switch ${shellWord(branch)}`,
  };
}

/** Settings that can lead a worktree elsewhere, and another way to keep branches: then git is asked. */
async function changeByConfiguration({ path, branch, common }: Place): Promise<Change | undefined> {
  if (!/worktreeconfig|refstorage/i.test(textOf(join(common, "config")))) return undefined;
  const top = await askGit(path, "rev-parse", "--show-toplevel");
  if (top === undefined || !same(top, Deno.realPathSync(path))) {
    return {
      change: `git works in ${top ?? "no folder"} from there`,
      hint: `Remove core.worktree from the configuration: git -C ${
        shellWord(path)
      } config --show-origin --get-all core.worktree`,
    };
  }
  const head = await askGit(path, "symbolic-ref", "HEAD");
  return head === `refs/heads/${branch}` ? undefined : anotherBranch(head, { path, branch });
}

/** Far more than any of these files takes. */
const MAX_BYTES = 1024 * 1024;

/** The text of one of git's files; empty where there is none, or something else than a file of its own. */
function textOf(path: string): string {
  const bytes = lstatIfExists(path)?.isFile ? readBytesIfExists(path, MAX_BYTES) : undefined;
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes).trimEnd() : "";
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

/** Windows does not tell upper from lower case, and git writes slashes there. */
function same(a: string, b: string): boolean {
  const [one, other] = [resolve(a), resolve(b)];
  return platform().hasModes ? one === other : one.toLowerCase() === other.toLowerCase();
}
