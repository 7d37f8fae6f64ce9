/**
 * Sessions whose worker died, leftover processes and worktrees, and work that exists in one place only.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import { type Finding, ok, warning } from "../../../contract/finding.ts";
import { askGit } from "../../../session/git.ts";
import { isInside, realPathOr, statIfExists } from "../../../system/files/files.ts";
import { MARKER_VARIABLE } from "../../../system/processes/end_processes.ts";
import { processesWithVariable } from "../../../system/processes/process_table.ts";
import { formatCount } from "../../../text/format.ts";
import { shellWord } from "../../../text/terminal_text.ts";
import type { Check, SeenSession } from "../check.ts";

/** The newest sessions are searched for leftover processes; each search reads the table of all processes. */
const MAX_SEARCHES = 20;

/** Checks the sessions themselves. */
export const sessions: Check = {
  area: "sessions",
  *examine({ settings, sessions }): Generator<Finding> {
    if (settings === undefined) return;
    const resting = sessions.filter(({ isLocked }) => !isLocked);
    yield ok(`${sessions.length} in ${settings.sessions}, ${sessions.length - resting.length} running`);
    const byHand = sessions.filter(({ history }) => history?.adopted !== undefined && history.createdAt === undefined);
    const open = byHand.filter(({ history }) => history?.outcome === undefined).map(({ name }) => name);
    if (open.length > 0) yield ok(`${open.length} started by hand: ${listed(open)}; samocode run adopts them`);
    for (const session of resting) yield* examineSession(session);
    for (const session of resting.slice(0, MAX_SEARCHES)) yield* findLeftovers(session);
  },
};

const MAX_LISTED = 5;

function listed(names: readonly string[]): string {
  return [...names.slice(0, MAX_LISTED), ...(names.length > MAX_LISTED ? ["…"] : [])].join(", ");
}

function* examineSession({ name, history, doubt }: SeenSession): Generator<Finding> {
  if (history === undefined) yield warning(`${name}: it cannot be read`, `samocode status ${name} says why`);
  else if (doubt !== undefined) {
    yield warning(`${name}: its journal cannot be trusted: ${doubt}`, `Restore it, or samocode trust ${name}`);
  } else if (history.running) {
    yield warning(`${name}: its worker died in ${history.phase}`, `samocode run ${name} continues from there`);
  }
}

function* findLeftovers({ name, history }: SeenSession): Generator<Finding> {
  if (!history?.attempt?.marker) return;
  const pids = processesWithVariable(`${MARKER_VARIABLE}=${history.attempt.marker}`).map(({ pid }) => pid);
  if (pids.length === 0) return;
  const kill = `kill ${pids.join(" ")}`;
  yield warning(
    `${name}: its agent left processes running`,
    history.running ? `samocode run ${name} ends them; or ${kill}` : kill,
  );
}

/** Checks the sessions' worktrees. */
export const worktrees: Check = {
  area: "worktrees",
  async *examine({ settings, sessions }): AsyncGenerator<Finding> {
    if (settings === undefined) return;
    const { mainRepo, worktrees: folder } = settings;
    const listed = await askGit(mainRepo, "worktree", "list", "--porcelain");
    if (listed === undefined) return;
    // On Windows git prints slashes.
    const known = [...listed.matchAll(/^worktree (.*)$/gm)].map(([, path = ""]) => resolve(path));
    const real = Deno.realPathSync(folder);
    const others = [real, Deno.realPathSync(mainRepo)];
    const ours = known.filter((path) => isInside(real, path) && !others.includes(path));
    const there = ours.filter(isFolder);
    const hasRemote = await askGit(mainRepo, "remote") !== "";
    const bySession = new Map(sessions.flatMap((session) => {
      const { workplace } = session.history ?? {};
      return workplace === undefined ? [] : [[realPathOr(workplace.path), session]];
    }));
    yield ok(`${there.length} in ${folder}`);
    yield* await inBatches(
      there,
      (path) => examineWorktree(path, { mainRepo, hasRemote, session: bySession.get(path) }),
    );
    for (const path of ours) {
      if (there.includes(path) || bySession.has(path)) continue;
      yield warning(`${path} was deleted, but git still lists it`, `git -C ${shellWord(mainRepo)} worktree prune`);
    }
    for (const { isDirectory, name } of Deno.readDirSync(real)) {
      const path = join(real, name);
      if (!isDirectory || name.startsWith(".") || known.some((worktree) => isInside(path, worktree))) continue;
      yield warning(`${path} is not a worktree of the repository`, "Look into it, then move or delete it");
    }
    yield* await inBatches(sessions, (session) => findLost(session, mainRepo));
  },
};

async function examineWorktree(
  path: string,
  { mainRepo, hasRemote, session }: {
    readonly mainRepo: string;
    readonly hasRemote: boolean;
    readonly session: SeenSession | undefined;
  },
): Promise<Finding | undefined> {
  if (session?.isLocked) return undefined;
  const [dirty, unpushed = "0"] = await Promise.all([
    askGit(path, "status", "--porcelain"),
    hasRemote ? askGit(path, "rev-list", "--count", "HEAD", "--not", "--remotes") : undefined,
  ]);
  const work = [
    ...(dirty ? [formatCount(dirty.split("\n").length, "uncommitted file")] : []),
    ...(unpushed === "0" ? [] : [formatCount(Number(unpushed), "unpushed commit")]),
  ].join(" and ");
  const name = basename(path);
  if (session === undefined) {
    const remove = `git -C ${shellWord(mainRepo)} worktree remove ${shellWord(path)}`;
    return work === ""
      ? warning(`${name} belongs to no session`, remove)
      : warning(`${name} belongs to no session, but has ${work}`, `Save them, then ${remove}`);
  }
  if (work === "") return undefined;
  // Before a session is done, this is normal.
  return session.history?.outcome?.kind === "done"
    ? warning(`${name} is done, but has ${work}`, `git -C ${shellWord(path)} status; merge or push the branch`)
    : ok(`${name} has ${work}`);
}

async function findLost({ name, history }: SeenSession, mainRepo: string): Promise<Finding | undefined> {
  const { workplace, outcome } = history ?? {};
  if (workplace?.branch === undefined || outcome?.kind === "done" || isFolder(workplace.path)) return undefined;
  const branch = await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/heads/${workplace.branch}`);
  return branch === undefined
    ? warning(`${name} has lost its worktree and its branch ${workplace.branch}`, "Restore the branch from a backup")
    : warning(`${name} has lost its worktree`, `samocode run ${name} creates it again from its branch`);
}

function isFolder(path: string): boolean {
  return statIfExists(path)?.isDirectory === true;
}

/** The number of git processes at a time. */
const AT_ONCE = 8;

async function inBatches<T>(
  items: readonly T[],
  examine: (item: T) => Promise<Finding | undefined>,
): Promise<readonly Finding[]> {
  const findings: (Finding | undefined)[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    findings.push(...await Promise.all(items.slice(from, from + AT_ONCE).map(examine)));
  }
  return findings.filter((finding) => finding !== undefined);
}
