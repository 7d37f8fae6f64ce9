/**
 * The sessions' worktrees: those that nobody works in any more, and work that lies in one place only.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import { askGit } from "../../../session/git.ts";
import { isInside, statIfExists } from "../../../system/files/files.ts";
import { shellWord } from "../../../text/shell_word.ts";
import { type Finding, ok, warning } from "../../../contract/finding.ts";
import type { Check, SeenSession } from "../check.ts";

/** git is asked about so many at once. */
const AT_ONCE = 8;

/** The check. */
export const worktrees: Check = {
  area: "worktrees",
  async examine({ settings, sessions }): Promise<readonly Finding[]> {
    if (settings === undefined) return [];
    const { mainRepo, worktrees: folder } = settings;
    const listed = await askGit(mainRepo, "worktree", "list", "--porcelain");
    if (listed === undefined) return [];
    // On Windows git writes slashes, and the system backslashes.
    const known = listed.split("\n").flatMap((line) => /^worktree (.*)$/.exec(line)?.[1] ?? []).map((path) =>
      resolve(path)
    );
    const real = Deno.realPathSync(folder);
    const ours = known.filter((path) => isInside(real, path) && path !== real && path !== Deno.realPathSync(mainRepo));
    const hasRemote = await askGit(mainRepo, "remote") !== "";
    const bySession = new Map(sessions.flatMap((session) => {
      const path = session.history?.workplace?.path;
      return path === undefined ? [] : [[realPathOr(path), session] as const];
    }));
    const there = ours.filter((path) => statIfExists(path)?.isDirectory);
    const findings = [
      ...await inTurn(there, (path) => stateOf(path, { mainRepo, hasRemote, session: bySession.get(path) })),
      ...ours.filter((path) => !there.includes(path) && !bySession.has(path)).map((path) =>
        warning(`${path} is gone, but git still knows it`, `git -C ${shellWord(mainRepo)} worktree prune`)
      ),
      ...strangers(real, known),
      ...await inTurn(sessions, (session) => lost(session, mainRepo)),
    ];
    return [ok(`${there.length} in ${folder}`), ...findings];
  },
};

async function stateOf(
  path: string,
  { mainRepo, hasRemote, session }: {
    readonly mainRepo: string;
    readonly hasRemote: boolean;
    readonly session: SeenSession | undefined;
  },
): Promise<readonly Finding[]> {
  if (session?.isHeld) return [];
  const [dirty, unpushed] = await Promise.all([
    askGit(path, "status", "--porcelain"),
    hasRemote ? askGit(path, "rev-list", "--count", "HEAD", "--not", "--remotes") : undefined,
  ]);
  const parts = [
    ...(dirty ? [`${dirty.split("\n").length} uncommitted`] : []),
    ...(Number(unpushed ?? 0) > 0 ? [`${unpushed} ${unpushed === "1" ? "commit" : "commits"} on no remote`] : []),
  ];
  const name = basename(path);
  const word = shellWord(path);
  if (session === undefined) {
    const holds = parts.length === 0 ? "" : `, with ${parts.join(" and ")}`;
    const remedy = parts.length === 0
      ? `git -C ${shellWord(mainRepo)} worktree remove ${word}`
      : `Save what is in it, then git -C ${shellWord(mainRepo)} worktree remove ${word}`;
    return [warning(`${name} belongs to no session${holds}`, remedy)];
  }
  if (parts.length === 0) return [];
  const isOver = session.history?.outcome?.kind === "done";
  // What is not finished need not be saved yet.
  return isOver
    ? [warning(`${name} is done, with ${parts.join(" and ")}`, `git -C ${word} status; merge or push the branch`)]
    : [ok(`${name} has ${parts.join(" and ")}`)];
}

/** Folders that no worktree of the repository stands in. */
function strangers(folder: string, known: readonly string[]): readonly Finding[] {
  return [...Deno.readDirSync(folder)].filter(({ isDirectory, name }) => isDirectory && !name.startsWith("."))
    .map(({ name }) => join(folder, name))
    .filter((path) => !known.some((worktree) => isInside(path, worktree)))
    .map((path) => warning(`${path} is no worktree of the repository`, "Look into it, then move or delete it"));
}

async function lost({ name, history }: SeenSession, mainRepo: string): Promise<readonly Finding[]> {
  const { workplace, outcome } = history ?? {};
  if (workplace?.branch === undefined || outcome?.kind === "done") return [];
  if (statIfExists(workplace.path)?.isDirectory) return [];
  const branch = await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/heads/${workplace.branch}`);
  return branch === undefined
    ? [warning(`${name} has lost its worktree and its branch ${workplace.branch}`, "Restore the branch from a backup")]
    : [warning(`${name} has lost its worktree`, `samocode run ${name} makes it again from its branch`)];
}

async function inTurn<T>(
  items: readonly T[],
  examine: (item: T) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const findings: (readonly Finding[])[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    findings.push(...await Promise.all(items.slice(from, from + AT_ONCE).map(examine)));
  }
  return findings.flat();
}

function realPathOr(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
