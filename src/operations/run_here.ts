/**
 * Runs a session in this process until it rests: lock, loop, agents, journal, listeners.
 *
 * @module
 */
import { fanOut } from "../event_listeners/fan_out.ts";
import { runSession } from "../loop/run_session.ts";
import type { NextSteps } from "../messages/describe_view.ts";
import { takeTelling } from "../session/roster.ts";
import { startKeeper } from "../system/processes/keeper.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import type { Outcome } from "../workflow/run_events.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { isLost, waitsForDay } from "../workflow/supervision.ts";
import { ownChannels } from "./own_channels.ts";
import { refuseOwnAgents } from "./people_only.ts";
import { statusOf } from "./read_status.ts";
import { type Barrier, recorded } from "./record_events.ts";
import { enlist, standIn } from "./roster.ts";
import { loopContext } from "./run_context.ts";
import { createEventListeners, type EventListenerContext, openTelemetry } from "./run_listeners.ts";
import type { Samocode } from "./samocode.ts";
import { haveHeard } from "./start_listener.ts";
import { createNamed, keepsTask, type NewSession, openOrCreate } from "./start_session.ts";
import type { Status } from "./status.ts";
import { tellPerson } from "./tell_person.ts";
import { checkRepository } from "./trust_project.ts";

/** What to run. The assignment is for a new session; an existing one keeps its own. */
export interface RunRequest extends NewSession {
  /** `undefined` makes a new session, with a name from the task. */
  readonly session: string | undefined;
  /** Receives the session's shortest name. */
  readonly opened?: (session: string) => void;
  /** Fires, with a text as its reason, to end the run at once. */
  readonly abort: AbortSignal;
  readonly terminal: EventListenerContext["terminal"];
  /** What the person can do once the session rests, one line each. */
  readonly nextSteps: (status: Status) => NextSteps;
  /** Receives what the person should know before the run starts. */
  readonly note: (text: string) => void;
  /** For a session that somebody else looks after: no supervisor or listener of this machine is told of it. */
  readonly barrier?: Barrier | undefined;
}

/**
 * Runs a session until it is done, waits, is blocked, fails or is stopped.
 *
 * @throws {SamocodeError} If the run cannot start, or its events can no longer be recorded.
 */
export async function runHere(samocode: Samocode, request: RunRequest): Promise<Outcome> {
  checkRepository(samocode);
  refuseOwnAgents(samocode, "run a session");
  for (const warning of samocode.settings.warnings) request.note(`Warning: ${warning}`);
  for (const title of samocode.isPersons ? ownChannels(samocode) : []) {
    request.note(`You can now decide on ${title} with its current settings`);
  }
  const context = await loopContext(samocode, request.abort);
  const telemetry = await openTelemetry(samocode);
  const { folder: opened, created } = request.session === undefined
    ? await createNamed(samocode, request)
    : await openOrCreate(samocode, request.session, { ...request, see: telemetry?.recall });
  using folder = opened;
  request.opened?.(folder.name);
  using _lock = await folder.lock({ now: samocode.now() });
  const isNew = created?.type === "session.created" && created.adopted === undefined;
  if (!isNew && (request.task !== undefined || request.dive !== undefined)) {
    request.note(keepsTask(folder.name));
  }
  const { barrier } = request;
  const { path: entryPath, entry, leave } = (barrier === undefined ? enlist : standIn)(samocode, folder);
  await using _heard = barrier === undefined ? haveHeard(samocode, folder, request.note) : undefined;
  await using keeper = startKeeper(entryPath, { env: samocode.env });
  const listeners = [
    ...createEventListeners({
      sessionName: folder.name,
      paths: folder.layout,
      terminal: request.terminal,
      nextSteps: () => request.nextSteps(statusOf(folder)),
      view: () => statusOf(folder),
      history: () => folder.history,
      before: folder.history,
    }),
    ...(telemetry === undefined ? [] : [telemetry]),
  ];
  const report = (event: SessionEvent) => Promise.resolve(folder.journal.append(event));
  let outcome: Outcome = { kind: "failed", reason: "the loop ended without an outcome" };
  const events = recorded(folder, {
    first: created,
    events: runSession(folder, context),
    // Written before anybody hears of the end, so that whoever does finds it.
    ending: async (event) => {
      const { leaveReport } = await import("./report_session.ts");
      const problem = await leaveReport(samocode, folder, event);
      if (problem !== undefined) request.note(`Cannot write the report: ${problem}`);
    },
    barrier,
  });
  try {
    for await (const event of fanOut(events, listeners, { report })) {
      if (event.type === "iteration.started" || event.type === "check.started") await keeper.cover(event.marker);
      if (event.type === "session.stopped") outcome = event.outcome;
    }
  } catch (error) {
    // Its end cannot be recorded, so no listener will hear of it.
    if (barrier === undefined) {
      await tellPerson(
        samocode,
        { entry, title: `${folder.name}: it cannot go on`, text: inWords(error) },
        request.note,
      );
    }
    throw error;
  }
  if (barrier !== undefined) return outcome;
  // Its listeners told of the wait; a supervisor continues it.
  if (waitsForDay(folder.history)) takeTelling(samocode.stateFolder, entry)?.(true);
  else if (!isLost(folder.history)) leave();
  return outcome;
}

function inWords(error: unknown): string {
  return error instanceof SamocodeError ? `${error.message}. ${error.hint}` : messageOf(error);
}
