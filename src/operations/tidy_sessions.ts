/**
 * Removes, renames and archives sessions that are at rest.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { findSession } from "../session/find_session.ts";
import { archiveOf } from "../session/layout.ts";
import { removeRefs } from "../session/remove_refs.ts";
import { type Removal, retireWorkplace } from "../session/remove_workplace.ts";
import { dismiss, enrol, readRoster } from "../session/roster.ts";
import { removeScratchIndex } from "../session/scratch_index.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { bareName, checkSessionName, isDated } from "../session/session_name.ts";
import { readSubscriptions, subscribe, subscriptionsFolder } from "../session/subscriptions.ts";
import { lookForWork, losses, type WorkLeft } from "../session/work_left.ts";
import { lstatIfExists, removeFolder } from "../system/files/files.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import type { History } from "../workflow/history.ts";
import { checkpointsOf, endLeftovers } from "./restore_checkpoint.ts";
import { refuseCopy } from "./hand_over.ts";
import { openAtRest, type Samocode } from "./samocode.ts";

/** What to remove. */
export interface RemoveRequest {
  readonly session: string;
  /** Whether work that is nowhere else goes, too. */
  readonly discard: boolean;
}

/** What would be lost with a session, each in words: work that is not committed, merged or pushed. */
export function lossesOf(history: History, left: WorkLeft): readonly string[] {
  const { checkpoints: { count }, outcome, running } = history;
  // What a session that is done has committed was clean.
  const isOver = outcome?.kind === "done" && !running;
  return [
    ...losses(left),
    ...(count === 0 || isOver ? [] : [`${formatCount(count, "checkpoint")} of uncommitted work`]),
  ];
}

/**
 * Says what goes with a session, what would be lost, and the last commit of its branch.
 *
 * @throws {SamocodeError} If there is none of that name.
 */
export async function viewLosses(
  samocode: Samocode,
  { session }: Pick<RemoveRequest, "session">,
): Promise<{ readonly goes: readonly string[]; readonly lost: readonly string[]; readonly head: string | undefined }> {
  using folder = await openAtRest(samocode, session);
  refuseCopy(folder);
  const { history: { workplace, ...history }, layout } = folder;
  const left = await lookForWork(samocode.settings.mainRepo, workplace);
  return {
    // A session that was adopted may have a worktree that a person made.
    goes: [
      `the folder ${layout.folder}`,
      ...(left.hasWorktree ? [`the worktree ${workplace?.path}`] : []),
      ...(left.head === undefined ? [] : [`the branch ${workplace?.branch}`]),
    ],
    lost: lossesOf({ workplace, ...history }, left),
    head: left.head,
  };
}

/**
 * Removes a session: worktree, branch, checkpoints, folder, and what is known of it in the state folder. The folder
 * goes last, so that removing again completes what was cut short.
 *
 * @throws {SamocodeError} If it runs, or something would be lost; nothing is removed then.
 */
export async function removeSession(samocode: Samocode, { session, discard }: RemoveRequest): Promise<Removal> {
  const { settings: { mainRepo }, stateFolder, cacheFolder } = samocode;
  using folder = await openAtRest(samocode, session);
  using _lock = await folder.lock({ now: samocode.now() });
  const { history, layout, name } = folder;
  const { workplace } = history;
  await endLeftovers(folder);
  const lost = lossesOf(history, await lookForWork(mainRepo, workplace));
  if (lost.length > 0 && !discard) throw refusal(name, lost);
  const { removed, kept } = await retireWorkplace(mainRepo, folder, { discard, by: "samocode rm" });
  if (kept.length > 0) throw refusal(name, kept);
  await removeRefs(mainRepo, checkpointsOf(samocode, session));
  if (workplace !== undefined) {
    removeScratchIndex({ name, sessionFolder: layout.folder, cacheFolder, workplace: workplace.path });
  }
  dismiss(stateFolder, { session: layout.folder });
  const gone = join(dirname(layout.folder), `${REMOVED}${crypto.randomUUID()}`);
  move(layout.folder, gone);
  folder.journal.forget();
  sweepRemoved(dirname(layout.folder));
  return { removed: [...removed, `the folder ${layout.folder}`], kept };
}

const REMOVED = ".removed-";

/** Removes the folders of sessions whose removal was cut short. */
function sweepRemoved(sessions: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(sessions)) {
    if (isDirectory && name.startsWith(REMOVED)) removeFolder(join(sessions, name));
  }
}

function refusal(name: string, lost: readonly string[]): SamocodeError {
  return new SamocodeError("conflict", `Cannot remove ${name}: this would be lost: ${lost.join("; ")}`, {
    hint: "Commit, merge or push it first, or insist with --discard",
  });
}

/**
 * Gives a session another name. Its branch and worktree keep theirs: agents, documents and reviewers know them by it.
 *
 * @returns The new folder.
 * @throws {SamocodeError} If it runs, or the name is taken.
 */
export async function renameSession(
  samocode: Samocode,
  { session, to }: { readonly session: string; readonly to: string },
): Promise<string> {
  checkSessionName(to);
  using folder = await openAtRest(samocode, session);
  using _lock = await folder.lock({ now: samocode.now() });
  const { folder: from } = folder.layout;
  const day = isDated(to) || !isDated(basename(from)) ? "" : basename(from).slice(0, -bareName(basename(from)).length);
  const target = join(dirname(from), `${day}${to}`);
  if (findSession(dirname(from), to).exists || lstatIfExists(target) !== undefined) {
    throw new SamocodeError("conflict", `Cannot rename ${folder.name}: there is a session called ${to}`, {
      hint: "Choose another name",
    });
  }
  await moveFollowed(samocode, { from, target });
  return target;
}

/**
 * Puts a session aside: its folder goes to the archive, its worktree if nothing in it would be lost, and its branch if
 * another one has all its commits.
 *
 * @throws {SamocodeError} If it runs.
 */
export async function archiveSession(
  samocode: Samocode,
  { session }: { readonly session: string },
): Promise<Removal & { readonly folder: string }> {
  using folder = await openAtRest(samocode, session);
  using _lock = await folder.lock({ now: samocode.now() });
  const { folder: from } = folder.layout;
  const archive = archiveOf(samocode.settings.sessions);
  const target = join(archive, basename(from));
  if (dirname(from) === archive) throw taken(folder.name, "it is in the archive already");
  if (lstatIfExists(target) !== undefined) throw taken(folder.name, `${target} exists`);
  await endLeftovers(folder);
  const removal = await retireWorkplace(samocode.settings.mainRepo, folder, { by: "samocode archive" });
  Deno.mkdirSync(archive, { recursive: true, mode: 0o700 });
  dismiss(samocode.stateFolder, { session: from });
  moveSession(samocode, { from, target });
  return { ...removal, folder: target };
}

/**
 * Takes a session out of the archive. Its worktree is made again from its branch when it runs.
 *
 * @returns Its folder.
 * @throws {SamocodeError} If it is not there, or its name is taken.
 */
export async function unarchiveSession(samocode: Samocode, { session }: { readonly session: string }): Promise<string> {
  const { sessions } = samocode.settings;
  using folder = await openAtRest(samocode, session);
  using _lock = await folder.lock({ now: samocode.now() });
  const { folder: from } = folder.layout;
  if (dirname(from) !== archiveOf(sessions)) throw taken(folder.name, "it is not in the archive");
  const target = join(sessions, basename(from));
  if (lstatIfExists(target) !== undefined) throw taken(folder.name, `${target} exists`);
  await moveFollowed(samocode, { from, target });
  return target;
}

function taken(name: string, why: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot move ${name}: ${why}`, {
    hint: "See which sessions are in the archive with list --archived",
  });
}

/** Moves a session; a listener that follows it keeps following it. */
async function moveFollowed(
  samocode: Samocode,
  { from, target }: { readonly from: string; readonly target: string },
): Promise<void> {
  const { stateFolder } = samocode;
  const followed = readSubscriptions(stateFolder).find(({ session }) => session === from);
  // A listener with nothing left to follow exits under this lock, after a last look.
  using _turn = followed && await lockFolder(subscriptionsFolder(stateFolder));
  moveSession(samocode, { from, target });
  if (followed !== undefined) subscribe(stateFolder, { ...followed, session: target });
}

/** Moves a session's folder and records it; who has it on the roster finds it again. The caller holds its lock. */
function moveSession(
  { stateFolder, now }: Samocode,
  { from, target }: { readonly from: string; readonly target: string },
): void {
  const entry = readRoster(stateFolder).find(({ session }) => session === from);
  if (entry !== undefined) enrol(stateFolder, { ...entry, session: target });
  move(from, target);
  dismiss(stateFolder, { session: from });
  using moved = SessionFolder.open(target, { stateFolder, now });
  moved.journal.append({ type: "session.renamed", folder: basename(target) });
}

function move(from: string, target: string): void {
  try {
    Deno.renameSync(from, target);
  } catch (error) {
    throw systemError(`Cannot move ${from}`, {
      error,
      hint: "Check that you may write in its folder, then type the same again",
    });
  }
}
