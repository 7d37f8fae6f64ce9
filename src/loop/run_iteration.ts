/**
 * One attempt of an iteration, from clearing the last signal to reading the new one.
 *
 * @module
 */
import type { LoopEvent } from "../workflow/decide.ts";
import { nextAttempt } from "../workflow/history.ts";
import { boundDocuments, gateRule } from "../workflow/gates.ts";
import { agentOf, PHASES } from "../workflow/phases.ts";
import { stallOf } from "../workflow/progress.ts";
import { readQuestions } from "../workflow/questions.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { describeReading, type SignalReading } from "../workflow/signal.ts";
import { aboutGitLocks, aboutProgress, iterationContext, whatHappenedBefore } from "../prompt/iteration_context.ts";
import { readAgent, readWorkflow, unpackPlugin } from "../prompt/shipped_files.ts";
import type { AgentIteration } from "../agents/agent_runner.ts";
import { readQuestionsDocument } from "../session/documents.ts";
import { lastingGitLocks } from "../session/git_locks.ts";
import { attemptLogName, recordOf } from "../session/layout.ts";
import { capLog, rawLogsOf, watchLogs } from "../session/raw_log.ts";
import { foreignChanges, readRepository, type RepositoryState } from "../session/repository_state.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { clearSignal, takeSignal } from "../session/signal_file.ts";
import { readWorkState } from "../session/work_state.ts";
import { SamocodeError } from "../text/errors.ts";
import { platform } from "../system/platform.ts";
import { removeContexts, writeContext } from "./context_file.ts";
import type { LoopContext } from "./loop_context.ts";
import { noteReview } from "./note_review.ts";
import { whoWorks } from "./who_works.ts";

/** Runs the session's next attempt. Returns how it ended, for the next decision. */
export async function* runIteration(
  folder: SessionFolder,
  context: LoopContext,
): AsyncGenerator<SessionEvent, LoopEvent> {
  const { phase, workplace: where } = folder.history;
  const locks = where === undefined ? [] : await lastingGitLocks(where);
  if (locks.length > 0) yield { type: "locks.found", paths: locks };
  const { iteration, attempt } = nextAttempt(folder.history);
  const startedAt = context.now();
  const { runner, model, timeoutMs, strangeSettings } = whoWorks(folder.history, context);
  const strange = where === undefined ? [] : strangeSettings(where.path);
  const unnamed = strange.filter((path) => !folder.history.leftOut.includes(path));
  if (unnamed.length > 0) yield { type: "settings.left_out", paths: unnamed };
  const marker = crypto.randomUUID();
  const log = attemptLogName({ iteration, attempt, phase, at: startedAt });
  const stall = stallOf(folder.history.progress);
  if (stall !== undefined && folder.history.progress.told === undefined) yield { type: "progress.missed", ...stall };
  const found = folder.history.progress.seen.length === 0 && { found: (await readWorkState(folder)).state };
  const past = [whatHappenedBefore(folder.history, attempt), aboutProgress(stall), aboutGitLocks(locks)];
  const trouble = past.filter((text) => text !== "").join("\n\n");
  clearSignal(folder.layout);
  yield { type: "iteration.started", iteration, attempt, phase, marker, log, provider: runner.name, model, ...found };
  folder.updateNotebook({
    Phase: phase,
    Iteration: folder.history.iterationsInVisit,
    "Total Iterations": iteration,
    "Quality Iteration": folder.history.qualityIterations,
    Blocked: "no",
  });
  const repository = readRepository(where);
  const begun = performance.now();
  const request = prepare(folder, context, {
    iteration,
    attempt,
    marker,
    log,
    startedAt,
    timeoutMs,
    trouble,
    trustsRepository: strange.length === 0,
  });
  const flood = new AbortController();
  const logs = [request.logPath, request.errorLogPath];
  using _watch = watchLogs(logs, { onTooMuch: (reason) => flood.abort(reason) });
  try {
    const abort = AbortSignal.any([context.abort, flood.signal]);
    const { failed, ...result } = yield* runner.run(request, { abort });
    const { end } = result;
    const durationMs = Math.round(performance.now() - begun);
    const left = end.kind === "aborted" ? undefined : await readWorkState(folder);
    folder.look = left?.look;
    yield {
      type: "iteration.ended",
      iteration,
      attempt,
      phase,
      durationMs,
      ...result,
      ...(left && { left: left.state }),
      ...(failed.length > 0 && { failed }),
    };
    yield* noteReview(folder);
    const reading = takeSignal(folder.layout);
    yield signalEvent(reading);
    if (repository !== undefined) checkRepository(repository, where?.branch ?? "");
    return { kind: "ended", end, reading };
  } finally {
    removeContexts({ cacheFolder: context.cacheFolder, sessionFolder: folder.layout.folder });
    for (const path of logs) capLog(path);
  }
}

/**
 * Stops the run where an agent changed what belongs to others in the repository.
 *
 * @throws {SamocodeError} With what it changed.
 */
function checkRepository(before: RepositoryState, branch: string): void {
  const changes = foreignChanges(before, branch);
  if (changes.length === 0) return;
  throw new SamocodeError(
    "conflict",
    `Cannot go on: the repository changed during the iteration: ${changes.join(", ")}`,
    {
      hint: "Look at it with git reflog and git status in the main checkout; then run the session again",
    },
  );
}

/** The event that records a reading. */
export function signalEvent(reading: SignalReading): SessionEvent {
  return reading.kind === "signal"
    ? { type: "signal.received", signal: reading.signal }
    : { type: "signal.refused", problem: describeReading(reading) };
}

interface AttemptFacts {
  readonly iteration: number;
  readonly attempt: number;
  readonly marker: string;
  readonly log: string;
  readonly startedAt: Date;
  readonly timeoutMs: number;
  readonly trouble: string;
  readonly trustsRepository: boolean;
}

function prepare(folder: SessionFolder, context: LoopContext, facts: AttemptFacts): AgentIteration {
  const { layout, history } = folder;
  const { phase, workplace } = history;
  const { gate } = PHASES[phase];
  const agentName = agentOf(phase);
  if (agentName === undefined || workplace === undefined) throw new Error(`no agent works in the phase ${phase}`);
  const asks = gate !== undefined && gateRule(gate).document === "questions";
  const questions = asks ? readQuestions(readQuestionsDocument(layout)?.text ?? "") : [];
  const text = iterationContext({
    workflow: readWorkflow(context.shippedRoot),
    name: layout.name,
    sessionFolder: layout.folder,
    workingDirectory: workplace.path,
    branch: workplace.branch,
    base: workplace.base,
    note: workplace.note,
    signalPath: layout.signal,
    phase,
    approvedPlan: boundDocuments(history.gates)[0]?.document,
    iteration: facts.iteration,
    timeLimitMs: facts.timeoutMs,
    now: facts.startedAt,
    colon: platform().allowsColon,
    task: history.task,
    dive: history.dive,
    questions,
    guidance: history.guidance,
    trouble: facts.trouble,
  });
  const owner = { cacheFolder: context.cacheFolder, sessionFolder: layout.folder };
  const contextPath = writeContext(owner, { marker: facts.marker, text });
  Deno.mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
  const [logPath, errorLogPath] = rawLogsOf(layout, facts.log);
  return {
    phase,
    iteration: facts.iteration,
    attempt: facts.attempt,
    agent: readAgent(context.shippedRoot, agentName),
    contextPath,
    guidance: history.guidance.join("\n\n"),
    workingDirectory: workplace.path,
    hasGit: workplace.branch !== undefined,
    trustsRepository: facts.trustsRepository,
    sessionFolder: layout.folder,
    signalPath: layout.signal,
    record: recordOf(layout),
    pluginFolder: context.plugin && unpackPlugin(context.plugin, context.cacheFolder),
    logPath,
    errorLogPath,
    marker: facts.marker,
    startedAt: facts.startedAt,
  };
}
