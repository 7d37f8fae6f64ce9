/**
 * Starts a new session that runs on its own.
 *
 * @module
 */
import { hintFor } from "../workflow/next_action.ts";
import { AGENT_NAMES, isAgentName } from "../agents/agents.ts";
import { takeLock } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { suggestName } from "../session/suggest_name.ts";
import { type Settings, withProvider } from "../settings/settings.ts";
import { SamocodeError } from "../text/errors.ts";
import { startWorker } from "./detached_worker.ts";
import { MAX } from "./limits.ts";
import { createdEvent, openOrCreate, sessionExists } from "./new_session.ts";
import { readStatus, type Status, statusOf } from "./read_status.ts";
import type { Samocode } from "./samocode.ts";

/** What to start. */
export interface StartRequest {
  /** Its name; without one it is made from the task. */
  readonly session: string | undefined;
  readonly task: string;
  readonly dive: string;
  /** Which agent works, in every phase; without one it is as the settings have it. */
  readonly provider: string | undefined;
  /** Who asked; recorded in the journal. */
  readonly by: string;
}

/** Nobody has so many sessions about one thing; something else is wrong then. */
const MAX_SAME_NAMES = 99;

/**
 * Starts a new session in a worker of its own, which outlives the caller.
 *
 * @returns Its status once its worker has started.
 * @throws {SamocodeError} Where it cannot begin; nothing is left of it then.
 */
export async function startSession(given: Samocode, request: StartRequest): Promise<Status> {
  const samocode = { ...given, settings: settingsFor(request, given.settings) };
  using folder = request.session === undefined
    ? await createNamed(samocode, request)
    : await create(samocode, request.session, request);
  const { lastSeq } = folder.history;
  try {
    return await startWorker(samocode, { folder });
  } catch (error) {
    discard(folder, lastSeq);
    throw error;
  }
}

function settingsFor({ task, dive, provider }: StartRequest, settings: Settings): Settings {
  if (provider !== undefined && !isAgentName(provider)) {
    throw new SamocodeError(
      "usage",
      `Cannot start a session with ${JSON.stringify(provider.slice(0, 80))}: not known`,
      { hint: `Agents are ${AGENT_NAMES.join(", ")}` },
    );
  }
  if (task.length + dive.length > MAX.assignment) {
    throw new SamocodeError("usage", `Cannot start a session: its task has more than ${MAX.assignment} characters`, {
      hint: "Put the details in a file in the repository, and name the file in the task",
    });
  }
  return provider === undefined ? settings : withProvider(settings, provider);
}

/** The first free one of `add-jwt`, `add-jwt-2`, `add-jwt-3`, … */
async function createNamed(samocode: Samocode, request: StartRequest): Promise<SessionFolder> {
  const about = request.task.trim() === "" ? request.dive : request.task;
  if (about.trim() === "") {
    throw new SamocodeError("usage", "Cannot start a session: no task was given", {
      hint: "Say what to do (task), or what to look into first (dive)",
    });
  }
  const name = suggestName(about);
  for (let count = 1;; count++) {
    try {
      return await create(samocode, count === 1 ? name : `${name}-${count}`, request);
    } catch (error) {
      // A conflict is about the name: taken by a session, a branch, a folder.
      if (!(error instanceof SamocodeError) || error.code !== "conflict" || count === MAX_SAME_NAMES) throw error;
    }
  }
}

/** Makes the folder and records what is asked, so that the worker needs no more than its name. */
async function create(samocode: Samocode, name: string, request: StartRequest): Promise<SessionFolder> {
  if (sessionExists(samocode, name)) throw taken(readStatus(samocode, { session: name }));
  const folder = await openOrCreate(samocode, name, request);
  try {
    using _lock = takeLock(folder.layout.lock, samocode.now());
    folder.journal.refresh();
    // Somebody else was quicker.
    if (folder.history.createdAt !== undefined) throw taken(statusOf(folder));
    folder.journal.append(createdEvent(folder, request));
    return folder;
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

function taken(status: Status): SamocodeError {
  return new SamocodeError("conflict", `Cannot start ${status.session}: it exists, and is ${status.state}`, {
    hint: status.state === "done" ? "Choose another name" : "Choose another name, or go on with that one",
    actions: status.state === "done" ? [] : hintFor(status.next).actions,
  });
}

/** Removes what was made for a worker that did not begin, unless somebody else took it up meanwhile. */
function discard(folder: SessionFolder, lastSeq: number): void {
  const { lock, folder: path } = folder.layout;
  try {
    using _lock = takeLock(lock);
    folder.journal.refresh();
    if (folder.history.lastSeq === lastSeq) Deno.removeSync(path, { recursive: true });
  } catch {
    // Why it did not begin matters more than what is left; it can be run or removed by its name.
  }
}
