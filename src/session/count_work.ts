/**
 * What a session has committed since it began: commits, files and lines.
 *
 * @module
 */
import { baseCommitOf } from "../workflow/workplace_base.ts";
import type { Work } from "../workflow/work.ts";
import { plainText } from "../text/terminal_text.ts";
import { git, type GitPlace } from "./git.ts";
import { WITHIN_MS } from "./scratch_index.ts";
import type { SessionFolder } from "./session_folder.ts";

/** Enough to recognize the work by; `git log` and `git diff --stat` show the rest. */
const MAX_NEWEST = 10;
const MAX_CHANGES = 8;
const MAX_TEXT = 120;

/** Counts; `undefined` if the session has no branch of its own, or git cannot tell. */
export async function countWork({ history }: Pick<SessionFolder, "history">): Promise<Work | undefined> {
  const { path, branch, base: from } = history.workplace ?? {};
  const base = baseCommitOf(from);
  if (path === undefined || branch === undefined || base === undefined) return undefined;
  const place = { folder: path, marker: history.workerMarker, timeoutMs: WITHIN_MS };
  try {
    const [head = "", whole = ""] = await ask(place, "\n", [
      "rev-parse",
      "HEAD^{commit}",
      `${base}^{commit}`,
    ]);
    // Two lines for each commit: git names it first.
    const log = await ask(place, "\n", ["rev-list", "--format=%h %s", `${whole}..${head}`]);
    const subjects = log.filter((line) => !/^commit [0-9a-f]{40,64}$/.test(line)).map((line) =>
      plainText(line, MAX_TEXT)
    );
    const stat = await ask(place, "\0", ["diff-tree", "-r", "-M", "--numstat", "-z", whole, head]);
    const changes = changesIn(stat);
    return {
      base: whole,
      head,
      commits: subjects.length,
      newest: subjects.slice(0, MAX_NEWEST),
      files: changes.length,
      added: changes.reduce((sum, { added }) => sum + added, 0),
      removed: changes.reduce((sum, { removed }) => sum + removed, 0),
      changes: changes.sort((a, b) => b.added + b.removed - a.added - a.removed).slice(0, MAX_CHANGES),
    };
  } catch {
    // The session is done without it.
    return undefined;
  }
}

async function ask(place: GitPlace, end: string, args: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await git(place, ...args);
  if (code !== 0) throw new Error(stderr);
  return stdout.split(end).slice(0, -1);
}

/** `ADDED\tREMOVED\tPATH`; for a renamed file without a path, and then both: git-diff-tree(1), "OTHER DIFF FORMATS". */
function changesIn(tokens: readonly string[]): Work["changes"][number][] {
  const changes: Work["changes"][number][] = [];
  for (let at = 0; at < tokens.length; at++) {
    const [, added, removed, path = ""] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(tokens[at] ?? "") ?? [];
    const name = path === "" ? tokens[at += 2] ?? "" : path;
    changes.push({ path: plainText(name, MAX_TEXT), added: Number(added) || 0, removed: Number(removed) || 0 });
  }
  return changes;
}
