/**
 * Which sessions and worktrees are there, what they take, and which of them can go: those that hold nothing that is not
 * elsewhere.
 *
 * @module
 */
import { basename, join } from "node:path";
import { sessionNames, shortNames } from "../session/find_session.ts";
import { historyByHand } from "../session/by_hand.ts";
import { archiveOf, layoutOf } from "../session/layout.ts";
import { bareName } from "../session/session_name.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { askGit } from "../session/git.ts";
import { type Removal, removeWorkplace } from "../session/remove_workplace.ts";
import { lookForWork, type WorkLeft } from "../session/work_left.ts";
import { isInside, lstatIfExists, realPathOr } from "../system/files/files.ts";
import { homeFolder } from "../system/user_folders.ts";
import { messageOf, unlessFailing } from "../text/errors.ts";
import { NO_HISTORY } from "../workflow/history.ts";
import type { Workplace } from "../workflow/work.ts";
import { rowFrom } from "./read_status.ts";
import type { StatusRow } from "./status.ts";
import { knownOf } from "./status_sources.ts";
import type { Samocode } from "./samocode.ts";
import { lossesOf, removeSession } from "./tidy_sessions.ts";

/** A session, or a worktree that belongs to none. */
export interface PruneRow {
  /** `undefined` for a worktree without a session. */
  readonly session: string | undefined;
  readonly state: StatusRow["state"] | undefined;
  readonly folder: string | undefined;
  readonly worktree: string | undefined;
  readonly branch: string | undefined;
  /** All its files. */
  readonly bytes: number;
  /** Since its last event, in milliseconds; of a worktree, since git last changed what is checked out. */
  readonly ageMs: number;
  readonly uncommitted: number;
  /** Commits that no other branch, remote or tag has. */
  readonly unmerged: number;
  /** Commits that no remote has; `undefined` without a remote. */
  readonly unpushed: number | undefined;
  /** Why it stays, each in words; empty if it can go. */
  readonly keeps: readonly string[];
}

/** Lists everything, the oldest first. Nothing is changed. */
export async function listPrunable(
  samocode: Samocode,
  { olderThanMs }: { readonly olderThanMs: number },
): Promise<readonly PruneRow[]> {
  const { sessions } = samocode.settings;
  const nameOf = shortNames(sessions);
  const rows: PruneRow[] = [];
  for (const name of sessionNames(sessions)) {
    const row = await rowOf(samocode, { path: join(sessions, name), name: nameOf(name) });
    if (row !== undefined) rows.push(row);
  }
  rows.push(...await strayWorktrees(samocode, worktreesOf(samocode)));
  return rows.map((row) => row.ageMs < olderThanMs ? { ...row, keeps: [...row.keeps, "too young"] } : row)
    .sort((a, b) => b.ageMs - a.ageMs);
}

/** Removes what a row names. What has changed since is looked at again, and refused. */
export async function prune(samocode: Samocode, row: PruneRow): Promise<Removal> {
  if (row.session !== undefined) return await removeSession(samocode, { session: row.session, discard: false });
  const workplace = { path: row.worktree ?? "", branch: row.branch, base: undefined, note: "" };
  return await removeWorkplace(samocode.settings.mainRepo, workplace);
}

async function rowOf(
  samocode: Samocode,
  { path, name }: { readonly path: string; readonly name: string },
): Promise<PruneRow | undefined> {
  const { settings: { mainRepo, worktrees }, stateFolder, now } = samocode;
  try {
    using folder = SessionFolder.openIfExists(path, { stateFolder, readOnly: true, now });
    if (folder === undefined) return undefined;
    const { history } = folder;
    const known = knownOf(folder, name);
    const { state } = rowFrom(folder.layout, known);
    // What a journal names that nobody can trust may be anything.
    const workplace = known.failure === undefined ? history.workplace : undefined;
    const left = await lookForWork(mainRepo, workplace);
    const isOver = state === "done" || (["failed", "stopped"].includes(state) && isUntouched(left));
    return {
      ...view(workplace, left),
      session: name,
      state,
      folder: path,
      bytes: sizeOf(path) + (left.hasWorktree ? sizeOf(workplace?.path ?? "") : 0),
      ageMs: now().getTime() - Date.parse(history.lastAt ?? ""),
      keeps: [
        ...(known.failure === undefined ? [] : ["its journal cannot be trusted"]),
        ...(isOver || known.failure !== undefined ? [] : [state]),
        ...(left.hasWorktree && !isIn(worktrees, workplace?.path) ? ["its worktree is not in WORKTREES"] : []),
        ...lossesOf(history, left),
      ],
    };
  } catch (error) {
    const left = await lookForWork(mainRepo, undefined);
    return {
      ...view(undefined, left),
      session: name,
      state: undefined,
      folder: path,
      bytes: sizeOf(path),
      ageMs: 0,
      keeps: [messageOf(error)],
    };
  }
}

/** A session that was adopted may have a worktree that a person made. */
function isIn(worktrees: string, path = ""): boolean {
  return isInside(realPathOr(worktrees), realPathOr(path));
}

function isUntouched({ unmerged, uncommitted }: WorkLeft): boolean {
  return unmerged === 0 && uncommitted.length === 0;
}

function view(
  workplace: Workplace | undefined,
  left: WorkLeft,
): Pick<PruneRow, "worktree" | "branch" | "uncommitted" | "unmerged" | "unpushed"> {
  return {
    worktree: left.hasWorktree ? workplace?.path : undefined,
    branch: left.head === undefined ? undefined : workplace?.branch,
    uncommitted: left.uncommitted.length,
    unmerged: left.unmerged,
    unpushed: left.unpushed,
  };
}

/** The worktrees that sessions call theirs, archived ones and those with a broken journal, too. */
function worktreesOf({ settings: { sessions, worktrees }, stateFolder, env }: Samocode): ReadonlySet<string> {
  const paths = [sessions, archiveOf(sessions)].filter((folder) => lstatIfExists(folder)?.isDirectory).flatMap((
    below,
  ) =>
    sessionNames(below).flatMap((name) => [
      join(worktrees, bareName(name)),
      ...unlessFailing(() => {
        using folder = SessionFolder.openIfExists(join(below, name), { stateFolder, readOnly: true });
        const byHand = historyByHand(layoutOf(join(below, name)), homeFolder(env));
        const { workplace } = folder?.history ?? byHand;
        return workplace && [workplace.path];
      }) ?? [],
    ])
  );
  return new Set(paths.map(realPathOr));
}

/** Worktrees in the folder of worktrees that no session has. */
async function strayWorktrees(
  { settings: { mainRepo, worktrees }, now }: Samocode,
  owned: ReadonlySet<string>,
): Promise<readonly PruneRow[]> {
  const listed = (await askGit(mainRepo, "worktree", "list", "--porcelain", "-z") ?? "").split("\0\0");
  const rows: PruneRow[] = [];
  for (const lines of listed.map((entry) => entry.split("\0"))) {
    const path = lines.find((line) => line.startsWith("worktree "))?.slice("worktree ".length) ?? "";
    const branch = lines.find((line) => line.startsWith("branch refs/heads/"))?.slice("branch refs/heads/".length);
    const isOurs = path !== "" && isInside(realPathOr(worktrees), path) && lstatIfExists(path)?.isDirectory === true;
    if (!isOurs || owned.has(realPathOr(path))) continue;
    const workplace = { path, branch, base: undefined, note: "" };
    const left = await lookForWork(mainRepo, workplace);
    const changedAt = unlessFailing(() => Deno.statSync(join(path, ".git")).mtime?.getTime()) ?? now().getTime();
    rows.push({
      ...view(workplace, left),
      session: undefined,
      state: undefined,
      folder: undefined,
      worktree: path,
      bytes: sizeOf(path),
      ageMs: now().getTime() - changedAt,
      keeps: [...(branch === undefined ? ["no branch is checked out there"] : []), ...lossesOf(NO_HISTORY, left)],
    });
  }
  return rows;
}

/** The size of all files below a folder, in bytes; links are not followed. */
function sizeOf(folder: string): number {
  let bytes = 0;
  for (const folders = [folder]; folders.length > 0;) {
    const next = folders.pop() ?? "";
    for (const { name, isDirectory } of unlessFailing(() => [...Deno.readDirSync(next)]) ?? []) {
      const path = join(next, name);
      if (isDirectory) folders.push(path);
      else bytes += unlessFailing(() => lstatIfExists(path)?.size) ?? 0;
    }
  }
  return bytes;
}

/** How a row is called. */
export function nameOfRow({ session, worktree = "" }: PruneRow): string {
  return session ?? basename(worktree);
}
