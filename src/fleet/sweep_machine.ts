/**
 * Cleans up a machine after a killed worker: ends leftover processes, removes git's lock files, and deletes old
 * set-aside copies.
 *
 * @module
 */
import { join } from "node:path";
import { sessionNames } from "../session/find_session.ts";
import type { LockHolder } from "../session/lock.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { PROJECT_FILE } from "../settings/load_settings.ts";
import { lstatIfExists, removeFolder } from "../system/files/files.ts";
import { killTree, sweep } from "../system/processes/end_processes.ts";
import { isAlive } from "../system/processes/process_table.ts";
import { unlessFailing } from "../text/errors.ts";
import { clearAside } from "./clear_aside.ts";
import { fleetFolder, type FleetPlace, machineMarker } from "./machine.ts";

/** The result of a sweep. */
export interface Swept {
  /** The processes that were ended. */
  readonly pids: readonly number[];
  /** What was removed: git's lock files, half clones, and old set-aside copies. */
  readonly removed: readonly string[];
}

/** Options of a sweep. */
export interface SweepRequest extends FleetPlace {
  /** Holds the heads of journals. */
  readonly stateFolder: string;
  readonly now?: Date;
  /** How long to wait for a session's process to end by itself, as it does without its worker, in milliseconds. */
  readonly patienceMs?: number;
}

/** Longer than a session's process runs without a beat, plus the time that its agent takes to end. */
const PATIENCE_MS = 20_000;

/** Sweeps a machine. The calling worker must hold the folder's lock: no other may work for the fleet there. */
export async function sweepMachine(request: SweepRequest): Promise<Swept> {
  const projects = projectsIn(request);
  const pids = [...await sweep(machineMarker(request))];
  const ended = await Promise.all(projects.map((project) => endSessions(join(project, "sessions"), request)));
  pids.push(...ended.flat());
  const removed = projects.flatMap((project) => removeLeftovers(join(project, "repo")));
  removed.push(...await clearAside(request));
  return { pids: pids.sort((a, b) => a - b), removed };
}

/** The folders of projects, as `prepareProject()` creates them. */
function projectsIn(place: FleetPlace): readonly string[] {
  const folder = fleetFolder(place);
  if (lstatIfExists(folder) === undefined) return [];
  return [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory).map(({ name }) => join(folder, name))
    .filter((project) => lstatIfExists(join(project, PROJECT_FILE)) !== undefined);
}

async function endSessions(
  sessions: string,
  { stateFolder, now = new Date(), patienceMs = PATIENCE_MS }: SweepRequest,
): Promise<readonly number[]> {
  if (lstatIfExists(sessions) === undefined) return [];
  const ended = await Promise.all(
    sessionNames(sessions).map(async (name) => {
      // Skip a session that cannot be read or whose journal was changed.
      const found = unlessFailing(() => markersIn(join(sessions, name), { stateFolder, now }));
      const pids: number[] = [];
      if (found?.holder !== undefined && await outlives(found.holder, patienceMs)) {
        killTree(found.holder.pid);
        pids.push(found.holder.pid);
      }
      for (const marker of found?.markers ?? []) pids.push(...await sweep(marker));
      return pids;
    }),
  );
  return ended.flat();
}

/** The process that holds a session's lock, and the markers of what it started. */
function markersIn(
  path: string,
  { stateFolder, now }: { readonly stateFolder: string; readonly now: Date },
): { readonly holder: LockHolder | undefined; readonly markers: readonly string[] } | undefined {
  using folder = SessionFolder.open(path, { stateFolder, readOnly: true, now: () => now });
  const { holder, history: { running, workerMarker, attempt, evidence } } = folder;
  if (holder === undefined && !running) return undefined;
  const markers = [workerMarker, attempt?.marker, evidence.running?.marker].filter((marker) => marker !== undefined);
  return { holder, markers };
}

async function outlives(holder: LockHolder, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (isAlive(holder) && performance.now() < deadline) await new Promise((wake) => setTimeout(wake, 50));
  return isAlive(holder);
}

/**
 * Removes git's lock files and a half clone. In a person's own repository, any program may hold such a lock; here only
 * the fleet's worker and its agents work, and none of them is left.
 */
function removeLeftovers(repo: string): readonly string[] {
  const half = `${repo}.new`;
  const common = join(repo, ".git");
  const own = [common, ...foldersIn(join(common, "worktrees"))];
  const locks = [
    ...own.flatMap((folder) =>
      namesIn(folder).filter((name) => name.endsWith(".lock")).map((name) => join(folder, name))
    ),
    ...locksBelow(join(common, "refs")),
  ];
  const removed = [...locks, ...(lstatIfExists(half) === undefined ? [] : [half])];
  for (const path of removed) unlessFailing(() => removeFolder(path));
  return removed;
}

function locksBelow(folder: string): readonly string[] {
  return entriesIn(folder).flatMap(({ name, isDirectory, isFile }) => {
    const path = join(folder, name);
    return isDirectory ? locksBelow(path) : isFile && name.endsWith(".lock") ? [path] : [];
  });
}

function foldersIn(folder: string): readonly string[] {
  return entriesIn(folder).filter(({ isDirectory }) => isDirectory).map(({ name }) => join(folder, name));
}

function namesIn(folder: string): readonly string[] {
  return entriesIn(folder).map(({ name }) => name);
}

function entriesIn(folder: string): readonly Deno.DirEntry[] {
  return unlessFailing(() => [...Deno.readDirSync(folder)]) ?? [];
}
