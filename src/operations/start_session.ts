/**
 * New sessions: the checks before there is one, its folder and first event, and its start in the background.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { hintFor } from "../workflow/next_action.ts";
import type { AgentName } from "../agents/agents.ts";
import { copiesIn } from "../session/elsewhere.ts";
import { isByHand } from "../session/by_hand.ts";
import { recordOf } from "../session/layout.ts";
import { isNested, SessionFolder, withoutJournal } from "../session/session_folder.ts";
import { suggestName } from "../session/session_name.ts";
import { type Settings, withProvider } from "../settings/settings.ts";
import { SamocodeError } from "../text/errors.ts";
import { checkPrograms } from "./check_programs.ts";
import { startInTurn } from "./start_in_turn.ts";
import { adoptFolder, type OpenedSession } from "./adopt_session.ts";
import { readStatus, statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { type Assignment, checkAssignment, isGivenPlan, recordable, subjectOf } from "./assignment.ts";
import type { Samocode } from "./samocode.ts";
import { findSession } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { checkWorkplaceFree } from "../session/worktree.ts";
import { removeIfExists } from "../system/files/files.ts";

/** What to start. */
export interface StartRequest extends NewSession {
  /** `undefined` makes a name from the task. */
  readonly session: string | undefined;
  /** The agent for every phase; `undefined` leaves that to the settings. */
  readonly provider: AgentName | undefined;
  /** Who asked; recorded in the journal. */
  readonly by: string;
}

/** With this many sessions of one name, something else is wrong. */
const MAX_SAME_NAMES = 99;

/**
 * Starts a new session in a detached worker, or queues it.
 *
 * @returns Its status once the worker has begun, or in the queue.
 * @throws {SamocodeError} If it cannot begin; nothing is left behind.
 */
export async function startSession(given: Samocode, request: StartRequest): Promise<Status> {
  const copies = copiesIn(given.settings.sessions);
  if (copies !== undefined) {
    checkAssignment(request);
    return readStatus(given, { session: await copies.start(request) });
  }
  const samocode = { ...given, settings: settingsFor(request, given.settings) };
  using folder =
    (request.session === undefined
      ? await createNamed(samocode, request)
      : await create(samocode, request.session, request)).folder;
  const { lastSeq } = folder.history;
  try {
    return await startInTurn(samocode, folder, request.by);
  } catch (error) {
    await discard(folder, lastSeq);
    throw error;
  }
}

function settingsFor({ provider }: StartRequest, settings: Settings): Settings {
  return provider === undefined ? settings : withProvider(settings, provider);
}

/**
 * Creates a session with the first free name of `add-jwt`, `add-jwt-2`, `add-jwt-3`, …
 *
 * @throws {SamocodeError} If nothing is given to make a name from, or no new session is possible.
 */
export async function createNamed(samocode: Samocode, request: NewSession): Promise<OpenedSession> {
  return await withFreeName(request, (name) => create(samocode, name, request));
}

/** Calls `use` with one name after the other until one is not taken. */
export async function withFreeName<Used>(
  assignment: Assignment,
  use: (name: string) => Promise<Used>,
): Promise<Used> {
  const about = subjectOf(assignment);
  if (about === undefined) {
    throw new SamocodeError("usage", "Cannot start a session: no task was given", {
      hint: "Say what to do",
      actions: [{ verb: "start" }],
    });
  }
  const name = suggestName(about);
  for (let count = 1;; count++) {
    try {
      return await use(count === 1 ? name : `${name}-${count}`);
    } catch (error) {
      // A conflict means that a session, branch or folder has the name.
      if (!(error instanceof SamocodeError) || error.code !== "conflict" || count === MAX_SAME_NAMES) throw error;
    }
  }
}

/** Makes the folder and records the request, so that the worker needs only the name. */
async function create(samocode: Samocode, name: string, request: NewSession): Promise<OpenedSession> {
  if (sessionExists(samocode, name)) throw taken(readStatus(samocode, { session: name }));
  const opened = await openOrCreate(samocode, name, request);
  if (opened.created !== undefined) return opened;
  using other = opened.folder;
  throw taken(statusOf(other));
}

function taken(status: Status): SamocodeError {
  return new SamocodeError("conflict", `Cannot start ${status.session}: it already exists and is ${status.state}`, {
    hint: "Choose another name, or continue that session",
    actions: hintFor(status.next).actions,
  });
}

/** Removes the folder of a worker that did not begin, unless someone else has used it or put something into it. */
async function discard(folder: SessionFolder, lastSeq: number): Promise<void> {
  try {
    using _lock = await folder.lock();
    const own = [...recordOf(folder.layout).map((file) => basename(file)), folder.history.givenPlan];
    const isOwn = [...Deno.readDirSync(folder.layout.folder)].every(({ name }) => own.includes(name));
    if (!isOwn || folder.history.lastSeq !== lastSeq) return;
    Deno.removeSync(folder.layout.folder, { recursive: true });
    folder.journal.forget();
  } catch {
    // The caller throws why the worker did not begin, which matters more than a leftover folder.
  }
}

/** A new session. */
export interface NewSession extends Assignment {
  /** Who asked, if not a person at `samocode run`; recorded in the journal. */
  readonly by?: string;
  /** Its own limit on its cost, in US dollars; by default that of the settings. */
  readonly maxCostUsd?: number | undefined;
  /** Sees what happened in a session that exists, but of an agent's chatter only the last. */
  readonly see?: ((event: RecordedEvent) => void) | undefined;
}

/** What a person should know whose new task an existing session does not take. */
export function keepsTask(session: string): string {
  return `The session ${session} exists and keeps its task. To give it another: samocode continue ${session} --task "…"`;
}

/** Whether a folder has the name of that session, without a look into it. */
export function hasFolder({ settings, now }: Samocode, name: string): boolean {
  return findSession(settings.sessions, name, now()).exists;
}

/** Whether there is a session of that name. The folder of an interrupted start is not one. */
export function sessionExists({ settings, stateFolder, now }: Samocode, name: string): boolean {
  const { path, exists } = findSession(settings.sessions, name, now());
  if (!exists) return false;
  using folder = SessionFolder.openIfExists(path, { stateFolder, readOnly: true });
  return wasCreated(folder) || isByHand(layoutOf(path), folder);
}

/**
 * Opens a session, adopts one that was started by hand, or creates it. Of several processes that create the same one, one does.
 *
 * @throws {SamocodeError} If a new one is not possible; nothing is left behind.
 */
export async function openOrCreate(
  samocode: Samocode,
  session: string,
  request: NewSession,
): Promise<OpenedSession> {
  const { settings, stateFolder, now } = samocode;
  const place = findSession(settings.sessions, session, now());
  if (place.exists && isCreated(place.path, stateFolder)) {
    const see = request.see && { see: request.see, skims: true };
    return { folder: SessionFolder.open(place.path, { stateFolder, now, ...see }), created: undefined };
  }
  const adopted = place.exists ? await adoptFolder(samocode, { path: place.path, by: request.by }) : undefined;
  if (adopted !== undefined) return adopted;
  if (place.exists) checkBarelyBegun(place.path);
  checkAssignment(request);
  if (subjectOf(request) === undefined) {
    throw new SamocodeError("usage", `Cannot start the session ${session}: it is new, and no task was given`, {
      hint: "Say what to do, or what to look into first",
      actions: [{ verb: "start" }],
    });
  }
  checkPrograms(samocode);
  const { mainRepo, worktrees, branchPrefix } = settings;
  try {
    if (!place.exists) await checkWorkplaceFree({ mainRepo, worktrees, branchPrefix, name: layoutOf(place.path).name });
  } catch (error) {
    // If someone else has begun this session in the meantime, the lock reports that.
    if (!findSession(settings.sessions, session, now()).exists) throw error;
  }
  const folder = SessionFolder.create(place.path, { stateFolder, now });
  try {
    const { name } = folder.layout;
    const given = recordable(folder.layout, request, now());
    const { by, maxCostUsd } = request;
    const created = folder.journal.begin({
      ...{ type: "session.created", name, ...given },
      ...(by !== undefined && { by }),
      ...(maxCostUsd !== undefined && { maxCostUsd }),
    });
    // Another process was faster.
    if (created === undefined && given.plan !== undefined) {
      removeIfExists(join(folder.layout.folder, given.plan.document));
    }
    return { folder, created };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

function isCreated(path: string, stateFolder: string): boolean {
  using folder = SessionFolder.openIfExists(path, { stateFolder, readOnly: true });
  return wasCreated(folder);
}

function wasCreated(folder: SessionFolder | undefined): boolean {
  return folder !== undefined && (folder.journal.doubt !== undefined || folder.history.createdAt !== undefined);
}

/** An interrupted start leaves these and nothing else; any other folder belongs to somebody. */
function checkBarelyBegun(path: string): void {
  const { journal, logs } = layoutOf(path);
  const own = [journal, logs].map((file) => basename(file));
  const entries = [...Deno.readDirSync(path)].map(({ name }) => name);
  const isOfStart = (name: string) => own.includes(name) || (entries.includes(basename(journal)) && isGivenPlan(name));
  const strange = entries.find((name) => !isOfStart(name));
  if (strange === undefined) return;
  if (isNested(path)) throw withoutJournal(path);
  throw new SamocodeError("conflict", `Cannot use ${path}: it is not a session folder; it contains ${strange}`, {
    hint: "Choose another session name, or move that folder away",
  });
}
