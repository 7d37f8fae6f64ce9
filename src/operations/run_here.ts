/**
 * Runs a session in this process until it rests: lock, loop, journal, listeners.
 *
 * @module
 */
import { nextAttempt } from "../workflow/history.ts";
import type { Outcome, RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import { fanOut } from "../listeners/fan_out.ts";
import { createListeners, type ListenerContext } from "./listeners.ts";
import type { LoopContext } from "../loop/loop_context.ts";
import { runSession } from "../loop/run_session.ts";
import { readPlugin } from "../prompt/plugin_files.ts";
import { ForgedLineError } from "../session/journal.ts";
import { takeLock } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { createdEvent, openOrCreate } from "./new_session.ts";
import { agentForPhase } from "./agent_for_phase.ts";
import { type Status, statusOf } from "./read_status.ts";
import type { Samocode } from "./samocode.ts";

/** What to run. */
export interface RunRequest {
  readonly session: string;
  /** For a new session; an existing one keeps its own. */
  readonly task: string | undefined;
  readonly dive: string | undefined;
  /** Fires with a text as its reason when the run is to end now. */
  readonly abort: AbortSignal;
  readonly terminal: ListenerContext["terminal"];
  /** What the person can do once the session has come to rest, one line each. */
  readonly nextSteps: (status: Status) => readonly string[];
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
  const context = await loopContext(samocode, request.abort);
  using folder = await openOrCreate(samocode, request.session, request);
  using _lock = takeLock(folder.layout.lock, samocode.now());
  folder.journal.refresh();
  const isNew = folder.history.createdAt === undefined;
  if (!isNew && (request.task !== undefined || request.dive !== undefined)) {
    request.note(`The session ${folder.name} exists and keeps its task; --task and --dive are not used`);
  }
  const { history } = folder;
  const listeners = await createListeners({
    sessionName: folder.name,
    paths: { logFile: folder.layout.sessionLog, signalHistory: folder.layout.signalHistory },
    terminal: request.terminal,
    notifiers: samocode.settings.notifiers,
    nextSteps: () => request.nextSteps(statusOf(folder)),
    before: { costUsd: history.usage.costUsd, iterations: nextAttempt(history).iteration - 1 },
  });
  const report = (event: SessionEvent) => Promise.resolve(folder.journal.append(event));
  let outcome: Outcome = { kind: "failed", reason: "the loop ended without a word" };
  const events = recorded(folder, isNew ? createdEvent(folder, request) : undefined, runSession(folder, context));
  for await (const event of fanOut(events, listeners, { report })) {
    if (event.type === "session.stopped") outcome = event.outcome;
  }
  return outcome;
}

/** Writes each event into the journal before anyone hears of it. */
async function* recorded(
  folder: SessionFolder,
  first: SessionEvent | undefined,
  events: AsyncGenerator<SessionEvent>,
): AsyncGenerator<RecordedEvent> {
  if (first !== undefined) yield folder.journal.append(first);
  try {
    for (let next = await events.next(); !next.done;) {
      let event: RecordedEvent;
      try {
        event = folder.journal.append(next.value);
      } catch (error) {
        if (!(error instanceof ForgedLineError)) throw error;
        // The loop ends its agent and says why in its last event.
        next = await events.throw(error);
        continue;
      }
      yield event;
      next = await events.next();
    }
  } finally {
    await events.return(undefined);
  }
}

async function loopContext(samocode: Samocode, abort: AbortSignal): Promise<LoopContext> {
  const { settings, version, shippedRoot, cacheFolder, now } = samocode;
  return {
    provider: settings.provider,
    isProviderNamed: settings.isProviderNamed,
    agentFor: await agentForPhase(samocode),
    fallbackProvider: settings.fallback,
    version,
    shippedRoot,
    // Read once: looking through all of it would be the larger part of preparing an iteration.
    plugin: readPlugin(shippedRoot),
    cacheFolder,
    mainRepo: settings.mainRepo,
    worktrees: settings.worktrees,
    branchPrefix: settings.branchPrefix,
    policy: settings,
    maxCostUsd: settings.maxCostUsd,
    abort,
    now,
  };
}
