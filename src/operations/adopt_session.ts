/**
 * Adopts a session that was started by hand or by another program: one event in a new journal holds all of it.
 *
 * @module
 */
import { basename } from "node:path";
import { type Adoptable, isByHand, readAdoptable } from "../session/by_hand.ts";
import { adoptWorkplace } from "../session/adopted_workplace.ts";
import { findSession } from "../session/find_session.ts";
import { type Layout, layoutOf } from "../session/layout.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { expandHome, homeFolder } from "../system/user_folders.ts";
import { whereAdopted } from "../workflow/adoption.ts";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import type { Workplace } from "../workflow/work.ts";
import { branchOwner } from "./branch_owner.ts";
import { refuseOwnAgents } from "./people_only.ts";
import { MAX, type Samocode } from "./samocode.ts";

/** An open session, and its first event if that was recorded just now. */
export interface OpenedSession {
  readonly folder: SessionFolder;
  readonly created: RecordedEvent | undefined;
}

/**
 * Adopts the session of that name if there is one that was started by hand. Of several processes, one does.
 *
 * @returns What was recorded; `undefined` if there was nothing to adopt.
 * @throws {SamocodeError} If its notebook names no phase to go on in, or a place that is not its own; also where an agent
 * of a session asks.
 */
export async function adoptSession(
  samocode: Samocode,
  { session, by }: { readonly session: string; readonly by: string },
): Promise<RecordedEvent | undefined> {
  const place = findSession(samocode.settings.sessions, session);
  const opened = place.exists ? await adoptFolder(samocode, { path: place.path, by }) : undefined;
  opened?.folder[Symbol.dispose]();
  return opened?.created;
}

/** The same for a folder, which it opens; `undefined` if there is nothing to adopt. */
export async function adoptFolder(
  samocode: Samocode,
  { path, by }: { readonly path: string; readonly by?: string | undefined },
): Promise<OpenedSession | undefined> {
  const layout = layoutOf(path);
  const { stateFolder, now } = samocode;
  if (!isUnrecorded(layout, stateFolder)) return undefined;
  refuseOwnAgents(samocode, "adopt a session");
  const { notes, workplace } = await viewAdoption(samocode, layout);
  const folder = SessionFolder.create(path, { stateFolder, now });
  try {
    return { folder, created: await begin(folder, eventFor(layout, { notes, workplace, by })) };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

/**
 * What a session would be adopted with.
 *
 * @throws {SamocodeError} As {@linkcode adoptSession}.
 */
export async function viewAdoption(
  samocode: Samocode,
  layout: Layout,
): Promise<{ readonly notes: Adoptable; readonly workplace: Workplace | undefined }> {
  const { settings: { mainRepo, worktrees, branchPrefix }, stateFolder, env } = samocode;
  const notes = readAdoptable(layout, stateFolder);
  const workplace = await adoptWorkplace({
    mainRepo,
    worktrees,
    branchPrefix,
    name: layout.name,
    session: basename(layout.folder),
    notebook: layout.notebook,
    directory: notes.directory && expandHome(notes.directory, homeFolder(env)),
    branch: notes.branch,
    hasBuilt: whereAdopted(notes.phase).hasBuilt,
    ownerOf: (branch) => branchOwner(samocode, { branch, except: basename(layout.folder) }),
  });
  return { notes, workplace };
}

/** No first event is longer, so that no journal of a long session is read for nothing. */
const MAX_FIRST_BYTES = 4 * 1024 * 1024;

function isUnrecorded(layout: Layout, stateFolder: string): boolean {
  if ((lstatIfExists(layout.journal)?.size ?? 0) > MAX_FIRST_BYTES) return false;
  using opened = SessionFolder.openIfExists(layout.folder, { stateFolder, readOnly: true });
  return isByHand(layout, opened);
}

function eventFor(
  { name }: Layout,
  { notes, workplace, by }: {
    readonly notes: Adoptable;
    readonly workplace: Workplace | undefined;
    readonly by: string | undefined;
  },
): SessionEvent {
  const { phase, iterations, iterationsInVisit, qualityIterations } = notes;
  const task = notes.task.slice(0, MAX.assignment);
  return {
    type: "session.created",
    name,
    task,
    dive: notes.dive.slice(0, MAX.assignment - task.length),
    by,
    adopted: { phase, iterations, iterationsInVisit, qualityIterations, workplace },
  };
}

async function begin(folder: SessionFolder, event: SessionEvent): Promise<RecordedEvent | undefined> {
  const begun = folder.journal.begin(event);
  if (begun !== undefined || folder.history.createdAt !== undefined) return begun;
  // A person accepted an empty journal, so a chain has begun.
  using _lock = await folder.lock();
  return folder.history.createdAt === undefined ? folder.journal.append(event) : undefined;
}
