/**
 * One attempt of an iteration, from clearing the last signal to reading the new one.
 *
 * @module
 */
import type { LoopEvent } from "../workflow/decision.ts";
import { nextAttempt } from "../workflow/attempt.ts";
import { stallOf } from "../workflow/progress.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { describeReading, type SignalReading } from "../workflow/signal.ts";
import { aboutGitLocks, aboutProgress, whatHappenedBefore } from "../prompt/iteration_context.ts";
import { lastingGitLocks } from "../session/git_locks.ts";
import { attemptLogName } from "../session/layout.ts";
import { finishLog, watchLogs } from "../session/raw_log.ts";
import { checkRepository, readRepository } from "../session/repository_state.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { clearSignal, takeSignal } from "../session/signal_file.ts";
import { readWorkState } from "../session/work_state.ts";
import { AwakeTime } from "../system/awake_time.ts";
import { briefNext } from "./brief.ts";
import { clearContexts } from "./context_file.ts";
import type { LoopContext } from "./loop_context.ts";
import { noteReview } from "./note_review.ts";
import { prepareAttempt } from "./prepare_attempt.ts";
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
  const work = await briefNext(folder, attempt);
  const past = [whatHappenedBefore(folder.history, attempt), work, aboutProgress(stall), aboutGitLocks(locks)];
  const trouble = past.filter((text) => text !== "").join("\n\n");
  clearSignal(folder.layout);
  yield {
    type: "iteration.started",
    iteration,
    attempt,
    phase,
    marker,
    log,
    provider: runner.name,
    model,
    timeoutMs,
    ...found,
  };
  folder.updateNotebook({
    Phase: phase,
    Iteration: folder.history.iterationsInVisit,
    "Total Iterations": iteration,
    "Quality Iteration": folder.history.qualityIterations,
    Blocked: "no",
  });
  const repository = readRepository(where);
  using time = new AwakeTime();
  const request = prepareAttempt(folder, context, {
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
    const durationMs = Math.round(time.ms);
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
    if (repository !== undefined) await checkRepository(repository, where?.branch ?? "");
    return { kind: "ended", end, reading };
  } finally {
    clearContexts({ cacheFolder: context.cacheFolder, sessionFolder: folder.layout.folder });
    for (const path of logs) finishLog(path);
  }
}

/** The event that records a reading. */
export function signalEvent(reading: SignalReading): SessionEvent {
  return reading.kind === "signal"
    ? { type: "signal.received", signal: reading.signal }
    : { type: "signal.refused", problem: describeReading(reading) };
}
