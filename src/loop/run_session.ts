/**
 * The loop: decide, act, see what happened, decide again. It does not know who listens. Keep it this small.
 *
 * @module
 */
import { decide } from "../workflow/decide.ts";
import type { Decision } from "../workflow/decision.ts";
import { isGate } from "../workflow/gates.ts";
import type { Pause } from "../workflow/history.ts";
import { nextAttempt } from "../workflow/attempt.ts";
import { isAgentPhase, type Phase } from "../workflow/phases.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import type { Outcome } from "../workflow/run_events.ts";
import { countWork } from "../session/count_work.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { guardFolder } from "../session/folder_guard.ts";
import { guardWorkplace } from "../session/workplace_guard.ts";
import { checkRoom, isOutOfRoom, outOfRoom } from "../system/files/room.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { hideSecrets } from "../text/known_secrets.ts";
import { beginRun } from "./begin_run.ts";
import { warnOfBudget } from "./budget.ts";
import { removeContexts } from "./context_file.ts";
import { loadState } from "./load_state.ts";
import type { LoopContext } from "./loop_context.ts";
import { outageGoesOn } from "./outage.ts";
import { rest } from "./rest.ts";
import { keepWork } from "./keep_work.ts";
import { noteEvidence } from "./note_evidence.ts";
import { runChecks } from "./run_checks.ts";
import { runIteration } from "./run_iteration.ts";
import { enterPhase, gateReached } from "./transitions.ts";

/**
 * Runs a session until it is done, waits for a human, is blocked, fails or is stopped. The caller records each event in
 * the journal before it asks for the next one. The last event is always `session.stopped`.
 *
 * @throws {SamocodeError} If a disk is full: its end could hardly be recorded.
 */
export async function* runSession(folder: SessionFolder, context: LoopContext): AsyncGenerator<SessionEvent> {
  let outcome: Outcome;
  folder.journal.claim();
  const checkFolder = guardFolder(folder.layout);
  try {
    outcome = yield* iterate(folder, context, checkFolder);
  } catch (caught) {
    // What an agent did to the folder says more than what failed there because of it.
    const error = thrownBy(checkFolder) ?? caught;
    // Nobody decided that it ends, and what is full can be freed: it counts as cut short.
    if (isOutOfRoom(error)) {
      throw error instanceof SamocodeError ? error : outOfRoom(`Cannot go on: ${messageOf(error)}`, error);
    }
    const reason = error instanceof SamocodeError ? `${error.message}. ${error.hint}` : messageOf(error);
    outcome = { kind: "failed", reason };
  }
  removeContexts({ cacheFolder: context.cacheFolder, sessionFolder: folder.layout.folder });
  yield { type: "session.stopped", outcome, notebookPhase: leaveNotebook(folder, { outcome, checkFolder }) };
}

function thrownBy(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Restores the journal's phase in the notebook, whatever the agent wrote; returns the phase that is there now. */
function leaveNotebook(
  folder: SessionFolder,
  { outcome, checkFolder }: { readonly outcome: Outcome; readonly checkFolder: () => void },
): Phase | undefined {
  // No notebook exists yet.
  if (!isAgentPhase(folder.history.phase)) return undefined;
  try {
    checkFolder();
    folder.updateNotebook({ Phase: folder.history.phase, Blocked: hideSecrets(inNotebook(outcome)) });
    return folder.notebookPhase();
  } catch {
    // The next run reports why the notebook cannot be written.
    return undefined;
  }
}

async function* iterate(
  folder: SessionFolder,
  context: LoopContext,
  checkFolder: () => void,
): AsyncGenerator<SessionEvent, Outcome> {
  checkFolder();
  let event = yield* beginRun(folder, context);
  const checkWorkplace = await guardWorkplace(context.mainRepo, folder.history.workplace);
  await checkWorkplace();
  while (true) {
    yield* keepWork(folder, context, checkWorkplace);
    yield* warnOfBudget(folder, context);
    const decision = decide(await loadState(folder, context, event), event);
    const outcome = yield* enact(decision, folder, context);
    if (outcome !== undefined) return outcome;
    checkFolder();
    await checkWorkplace();
    checkRoom([folder.layout.folder, context.cacheFolder, context.worktrees]);
    if (decision.kind === "check") yield* runChecks(folder, context, decision.stage);
    else event = await outageGoesOn(folder, context) ?? (yield* runIteration(folder, context));
  }
}

/** Carries out a decision. Returns the outcome if the run is over. */
async function* enact(
  decision: Decision,
  folder: SessionFolder,
  context: LoopContext,
): AsyncGenerator<SessionEvent, Outcome | undefined> {
  switch (decision.kind) {
    case "continue":
    case "check":
      return undefined;
    case "enter":
      yield* enterPhase(folder, { phase: decision.phase, by: "worker", because: decision.because });
      return undefined;
    case "retry": {
      const { because, delayMs, repair, fallback, wait } = decision;
      yield { type: "iteration.retried", ...nextAttempt(folder.history), because, delayMs, repair, fallback, wait };
      const untilMs = wait?.for === "limit" && wait.until !== undefined ? Date.parse(wait.until) : undefined;
      const { abort, clock, policy: { maxLimitWaitMs: maxMs } } = context;
      await rest(folder, { ms: delayMs, untilMs, maxMs, abort, clock });
      const by = context.abort.aborted ? String(context.abort.reason) : folder.history.stopRequestedBy;
      return by === undefined ? undefined : { kind: "stopped", by };
    }
    case "pause":
      if (decision.phase !== undefined) yield* enterPhase(folder, { phase: decision.phase, by: "worker" });
      yield* gateReached(folder, decision.pause);
      return {
        kind: "waiting",
        for: decision.pause.for,
        gate: decision.pause.gate,
        detail: withRequest(decision.detail, decision.pause, folder),
      };
    case "stop":
      if (decision.outcome.kind === "done") yield* handOver(folder);
      return decision.outcome;
  }
}

/** Records what the person gets: the checks in its documents, and what was committed. */
async function* handOver(folder: SessionFolder): AsyncGenerator<SessionEvent> {
  noteEvidence(folder);
  const work = await countWork(folder);
  if (work !== undefined) yield { type: "work.counted", ...work };
}

const MAX_REQUEST_LENGTH = 2000;

/** Adds what the agent wants the human to do, which it wrote only into the notebook. */
function withRequest(detail: string, { for: what }: Pause, folder: SessionFolder): string {
  // What no agent asked for is not in its notebook, either.
  if (isGate(what) || what === "red_baseline") return detail;
  try {
    const request = folder.notebookNext().slice(0, MAX_REQUEST_LENGTH);
    return request === "" ? detail : `${detail}: ${request}`;
  } catch {
    // The next run reports why the notebook cannot be read.
    return detail;
  }
}

function inNotebook(outcome: Outcome): string {
  switch (outcome.kind) {
    case "waiting":
      return `waiting for ${outcome.for}`;
    case "blocked":
      return `yes, ${outcome.reason}`;
    case "done":
    case "failed":
    case "stopped":
      return "no";
  }
}
