/**
 * Runs a session in this process until it rests: lock, loop, journal, listeners.
 *
 * @module
 */
import { nextAttempt } from "../workflow/history.ts";
import type { Outcome, RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import { fanOut } from "../listeners/fan_out.ts";
import { runSession } from "../loop/run_session.ts";
import { ForgedLineError } from "../session/journal.ts";
import { takeLock } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { type Assignment, createdEvent, openOrCreate } from "./new_session.ts";
import { type Status, statusOf } from "./read_status.ts";
import { checkRepository } from "./repository_trust.ts";
import { createListeners, type ListenerContext, loopContext } from "./run_parts.ts";
import type { Samocode } from "./samocode.ts";

/** What to run. The assignment is for a new session; an existing one keeps its own. */
export interface RunRequest extends Assignment {
  readonly session: string;
  /** Fires, with a text as its reason, to end the run at once. */
  readonly abort: AbortSignal;
  readonly terminal: ListenerContext["terminal"];
  /** What the person can do once the session rests, one line each. */
  readonly nextSteps: (status: Status) => readonly string[];
  /** Receives what the person should know before the run starts. */
  readonly note: (text: string) => void;
}

/**
 * Runs a session until it is done, waits, is blocked, fails or is stopped.
 *
 * @throws {SamocodeError} If the run cannot start, or its events can no longer be recorded.
 */
export async function runHere(samocode: Samocode, request: RunRequest): Promise<Outcome> {
  checkRepository(samocode);
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
    paths: folder.layout,
    terminal: request.terminal,
    notifiers: samocode.settings.notifiers,
    nextSteps: () => request.nextSteps(statusOf(folder)),
    before: { costUsd: history.usage.costUsd, iterations: nextAttempt(history).iteration - 1 },
  });
  const report = (event: SessionEvent) => Promise.resolve(folder.journal.append(event));
  let outcome: Outcome = { kind: "failed", reason: "the loop ended without an outcome" };
  const events = recorded(folder, isNew ? createdEvent(folder, request) : undefined, runSession(folder, context));
  for await (const event of fanOut(events, listeners, { report })) {
    if (event.type === "session.stopped") outcome = event.outcome;
  }
  return outcome;
}

/** Writes each event to the journal before any listener hears it. */
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
