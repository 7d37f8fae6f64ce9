/**
 * Creates a session's folder: the checks before that, and the first event of its journal.
 *
 * @module
 */
import { basename } from "node:path";
import type { SessionEvent } from "../workflow/session_event.ts";
import { findSession } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { checkWorkplaceFree } from "../session/worktree.ts";
import { SamocodeError } from "../text/errors.ts";
import { statIfExists } from "../system/files/files.ts";
import type { Samocode } from "./samocode.ts";

/** What a session is about. */
export interface Assignment {
  readonly task: string | undefined;
  readonly dive: string | undefined;
}

/** Whether there is a session of that name. The folder of an interrupted start is not one. */
export function sessionExists({ settings, now }: Samocode, name: string): boolean {
  const place = findSession(settings.sessions, name, now());
  return place.exists && wasCreated(place.path);
}

/**
 * Opens a session, or makes the folder of a new one. The caller then takes the lock, checks again whether the session
 * was created, and records {@linkcode createdEvent}.
 *
 * @throws {SamocodeError} If a new one is not possible; nothing is left behind.
 */
export async function openOrCreate(
  { settings, now }: Samocode,
  session: string,
  { task, dive }: Assignment,
): Promise<SessionFolder> {
  const place = findSession(settings.sessions, session, now());
  if (place.exists && wasCreated(place.path)) return SessionFolder.open(place.path);
  if (place.exists) checkBarelyBegun(place.path);
  if ((task ?? "").trim() === "" && (dive ?? "").trim() === "") {
    throw new SamocodeError("usage", `Cannot start the session ${session}: it is new, and no task was given`, {
      hint: "Say what to do, or what to look into first",
      actions: [{ verb: "start" }],
    });
  }
  const { mainRepo, worktrees, branchPrefix } = settings;
  try {
    if (!place.exists) await checkWorkplaceFree({ mainRepo, worktrees, branchPrefix, name: layoutOf(place.path).name });
  } catch (error) {
    // If someone else has begun this session in the meantime, the lock reports that.
    if (!findSession(settings.sessions, session, now()).exists) throw error;
  }
  return SessionFolder.create(place.path);
}

/** The first event of a session. */
export function createdEvent(
  { layout }: SessionFolder,
  { task = "", dive = "", by }: Assignment & { readonly by?: string },
): SessionEvent {
  return { type: "session.created", name: layout.name, task, dive, ...(by === undefined ? {} : { by }) };
}

function wasCreated(path: string): boolean {
  if (statIfExists(layoutOf(path).journal) === undefined) return false;
  using folder = SessionFolder.open(path, { readOnly: true });
  return folder.history.createdAt !== undefined;
}

/** An interrupted start leaves these and nothing else; any other folder belongs to somebody. */
function checkBarelyBegun(path: string): void {
  const { journal, lock, logs } = layoutOf(path);
  const own = [journal, lock, logs].map((file) => basename(file));
  const strange = [...Deno.readDirSync(path)].find(({ name }) => !own.includes(name));
  if (strange === undefined) return;
  throw new SamocodeError("conflict", `Cannot use ${path}: it is not a session folder; it contains ${strange.name}`, {
    hint: "Choose another session name, or move that folder away",
  });
}
