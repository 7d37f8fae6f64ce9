/**
 * Runs a session in this process until it rests: lock, loop, journal, listeners.
 *
 * @module
 */
import { basename } from "node:path";
import { nextAttempt } from "../workflow/history.ts";
import type { Outcome, RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import { fanOut } from "../listeners/fan_out.ts";
import { createListeners, type ListenerContext } from "../listeners/registry.ts";
import type { LoopContext } from "../loop/loop_context.ts";
import { runSession } from "../loop/run_session.ts";
import { isProviderName, PROVIDERS } from "../providers/registry.ts";
import { findSession } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { takeLock } from "../session/lock.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { checkWorkplaceFree } from "../session/worktree.ts";
import { agentEnvironment } from "../system/agent_environment.ts";
import { SamocodeError } from "../system/errors.ts";
import { statIfExists } from "../system/files.ts";
import { openFolder, type Samocode } from "./samocode.ts";

/** What to run. */
export interface RunRequest {
  readonly session: string;
  /** For a new session; an existing one keeps its own. */
  readonly task: string | undefined;
  readonly dive: string | undefined;
  /** Fires with a text as its reason when the run is to end now. */
  readonly abort: AbortSignal;
  readonly terminal: ListenerContext["terminal"];
  readonly nextSteps: (outcome: Outcome, session: string) => readonly string[];
  /** Told what the person should know before it starts. */
  readonly note: (text: string) => void;
}

/**
 * Runs a session until it is done, waits, is blocked, fails or is stopped.
 *
 * @returns How it came to rest.
 * @throws {SamocodeError} Where it cannot even begin, or can record nothing any more.
 */
export async function runHere(samocode: Samocode, request: RunRequest): Promise<Outcome> {
  const context = loopContext(samocode, request.abort);
  using folder = await openOrCreate(samocode, request);
  using _lock = takeLock(folder.layout.lock, samocode.now());
  folder.journal.refresh();
  const isNew = folder.history.createdAt === undefined;
  if (!isNew && (request.task !== undefined || request.dive !== undefined)) {
    request.note(`The session ${folder.layout.name} exists and keeps its task; --task and --dive are not used`);
  }
  const { history } = folder;
  const listeners = createListeners({
    sessionName: folder.layout.name,
    paths: { logFile: folder.layout.sessionLog, signalHistory: folder.layout.signalHistory },
    terminal: request.terminal,
    telegram: samocode.settings.telegram,
    nextSteps: (outcome) => request.nextSteps(outcome, folder.layout.name),
    before: { costUsd: history.usage.costUsd, iterations: nextAttempt(history).iteration - 1 },
  });
  const report = (event: SessionEvent) => Promise.resolve(folder.journal.append(event));
  let outcome: Outcome = { kind: "failed", reason: "the loop ended without a word" };
  const events = recorded(folder, isNew ? created(folder, request) : undefined, runSession(folder, context));
  for await (const event of fanOut(events, listeners, { report })) {
    if (event.type === "session.stopped") outcome = event.outcome;
  }
  return outcome;
}

function created({ layout }: SessionFolder, { task = "", dive = "" }: RunRequest): SessionEvent {
  return { type: "session.created", name: layout.name, task, dive };
}

/** Writes each event into the journal before anyone hears of it. */
async function* recorded(
  folder: SessionFolder,
  first: SessionEvent | undefined,
  events: AsyncIterable<SessionEvent>,
): AsyncGenerator<RecordedEvent> {
  if (first !== undefined) yield folder.journal.append(first);
  for await (const event of events) yield folder.journal.append(event);
}

async function openOrCreate({ settings, now }: Samocode, { session, task, dive }: RunRequest): Promise<SessionFolder> {
  const place = findSession(settings.sessions, session, now());
  if (place.exists && wasCreated(place.path)) return openFolder(place.path);
  if (place.exists) checkBarelyBegun(place.path);
  if ((task ?? "").trim() === "" && (dive ?? "").trim() === "") {
    throw new SamocodeError("usage", `Cannot start the session ${session}: it is new, and no task was given`, {
      hint: 'Say what is to be done: --task "…", and what to look into first: --dive "…"',
    });
  }
  const { mainRepo, worktrees, branchPrefix } = settings;
  try {
    if (!place.exists) await checkWorkplaceFree({ mainRepo, worktrees, branchPrefix, name: layoutOf(place.path).name });
  } catch (error) {
    // Somebody else may have begun this very session meanwhile; then the lock says so.
    if (!findSession(settings.sessions, session, now()).exists) throw error;
  }
  return SessionFolder.create(place.path);
}

function wasCreated(path: string): boolean {
  if (statIfExists(layoutOf(path).journal) === undefined) return false;
  using folder = openFolder(path, { readOnly: true });
  return folder.history.createdAt !== undefined;
}

/** An interrupted start leaves no more than this; any other folder is somebody's, and not to be written in. */
function checkBarelyBegun(path: string): void {
  const { journal, lock, logs } = layoutOf(path);
  const own = [journal, lock, logs].map((file) => basename(file));
  const strange = [...Deno.readDirSync(path)].find(({ name }) => !own.includes(name));
  if (strange === undefined) return;
  throw new SamocodeError("conflict", `Cannot use ${path}: it is no session, and ${strange.name} is in it`, {
    hint: "Choose another session name, or move that folder away",
  });
}

function loopContext(samocode: Samocode, abort: AbortSignal): LoopContext {
  const { settings, env, self, version, shippedRoot, cacheFolder, now } = samocode;
  if (!isProviderName(settings.provider)) throw new Error(`no such provider: ${settings.provider}`);
  const provider = PROVIDERS[settings.provider]({
    self,
    env: agentEnvironment(env),
    timeoutMs: settings.claude.timeoutMs,
    stallMs: settings.stallMs,
    demoPace: settings.demoPace,
    claude: settings.claude,
  });
  return {
    provider,
    version,
    shippedRoot,
    cacheFolder,
    mainRepo: settings.mainRepo,
    worktrees: settings.worktrees,
    branchPrefix: settings.branchPrefix,
    timeoutMs: settings.claude.timeoutMs,
    policy: settings.policy,
    maxCostUsd: settings.maxCostUsd,
    abort,
    now,
  };
}
