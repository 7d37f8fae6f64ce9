/**
 * The beginning of a run: taking over from a dead worker, noticing what the human did meanwhile, and preparing the
 * workplace.
 *
 * @module
 */
import type { LoopEvent } from "../workflow/decision.ts";
import { isWaitedFor } from "../workflow/error_classes.ts";
import type { Evidence } from "../workflow/evidence.ts";
import { nextAttempt } from "../workflow/attempt.ts";
import { isAgentPhase } from "../workflow/phases.ts";
import { entryPhase } from "../workflow/route.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { gateOpenedByHand, movedPhase, startsWithRecovery } from "../workflow/snapshot.ts";
import { readQuestionsDocument } from "../session/documents.ts";
import { finishLog, rawLogsOf } from "../session/raw_log.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { setAside } from "../session/set_aside.ts";
import { takeSignal } from "../session/signal_file.ts";
import { freeRequest, prepareWorkplace, restoreWorkplace } from "../session/worktree.ts";
import { sweep } from "../system/processes/end_processes.ts";
import { attemptFolder } from "../guard/attempt.ts";
import { removeFolder } from "../system/files/files.ts";
import type { LoopContext } from "./loop_context.ts";
import { removeContexts } from "./context_file.ts";
import { noteReview } from "./note_review.ts";
import { signalEvent } from "./run_iteration.ts";
import { enterPhase, moveByHand, notePhase, planSeen } from "./transitions.ts";

/** Begins a run. Returns the event to decide on first. */
export async function* beginRun(folder: SessionFolder, context: LoopContext): AsyncGenerator<SessionEvent, LoopEvent> {
  const { running: workerDied, workerMarker, evidence: { running: check } } = folder.history;
  const takesOver = startsWithRecovery(folder.history);
  const { provider, isProviderNamed, version, guard, checks, limits } = context;
  const marker = crypto.randomUUID();
  const named = isProviderNamed && { isProviderNamed };
  yield {
    type: "session.started",
    provider,
    ...named,
    version,
    pid: Deno.pid,
    marker,
    guard,
    checks: checks.commands,
    limits,
  };
  // A run that failed may have left an attempt open, as a worker that died does.
  if (takesOver) yield* recover(folder, context, { died: workerDied, workerMarker, check });
  else if (context.takesHandEdits) yield* noticeMovedPhase(folder);
  else keepPhase(folder);
  removeContexts({ cacheFolder: context.cacheFolder, sessionFolder: folder.layout.folder });
  if (context.takesHandEdits) yield* noticeAnswers(folder);
  yield* makeWorkplace(folder, context, { marker });
  const { attempt } = folder.history;
  if (attempt?.reading === undefined || attempt.decided) return { kind: "started" };
  // Decide on a signal that the last run left undecided. How its attempt ended no longer matters.
  if (attempt.reading.kind === "signal") return { kind: "ended", end: { kind: "finished" }, reading: attempt.reading };
  // A limit or an outage is waited for, even if the last run had no time to say so.
  const { end, reading } = attempt;
  const { resumedAfter } = folder.history;
  const wasCutShort = resumedAfter === undefined || resumedAfter.kind === "stopped";
  const waits = wasCutShort && end !== undefined && isWaitedFor(end, context.now());
  return waits ? { kind: "ended", end, reading } : { kind: "started" };
}

/** Takes over from a dead worker: ends its leftover processes and closes its open attempt. */
async function* recover(
  folder: SessionFolder,
  context: LoopContext,
  { died, workerMarker, check }: {
    readonly died: boolean;
    readonly workerMarker: string | undefined;
    readonly check: Evidence["running"];
  },
): AsyncGenerator<SessionEvent> {
  const how = died ? "The last worker died" : "The last run broke off";
  const { attempt } = folder.history;
  // Its git would block ours, which must finish what that one began.
  const pids = workerMarker === undefined ? [] : [...await sweep(workerMarker)];
  if (check !== undefined) {
    pids.push(...await sweep(check.marker));
    removeFolder(attemptFolder(context.cacheFolder, check.marker));
    finishLog(rawLogsOf(folder.layout, check.log)[0]);
  }
  if (attempt !== undefined) pids.push(...await sweep(attempt.marker));
  if (pids.length > 0) yield { type: "processes.ended", pids, detail: "left by a worker that died" };
  let found = "no iteration was under way";
  if (attempt !== undefined) {
    const { iteration, phase, marker } = attempt;
    const logs = rawLogsOf(folder.layout, attempt.log);
    removeFolder(attemptFolder(context.cacheFolder, marker));
    if (attempt.end === undefined) {
      const { runner, timeoutMs } = context.agentFor(phase, attempt.provider);
      const usage = await runner.recall(...logs);
      const durationMs = Math.max(0, context.now().getTime() - Date.parse(attempt.startedAt));
      const end = { kind: "crashed", cause: "interrupted", detail: "the worker died", exitCode: undefined } as const;
      yield {
        type: "iteration.ended",
        iteration,
        attempt: attempt.attempt,
        phase,
        end,
        durationMs: Math.min(durationMs, timeoutMs),
        usage,
        denials: 0,
        unrecorded: 0,
      };
    }
    for (const path of logs) finishLog(path);
    if (attempt.reading === undefined) {
      yield* noteReview(folder);
      yield signalEvent(takeSignal(folder.layout));
    }
    found = `it was in iteration ${iteration} (${phase})`;
  }
  if (check !== undefined) found = "a check ran, which is repeated";
  if (pids.length > 0) found += `, ${pids.length} leftover ${pids.length === 1 ? "process" : "processes"} ended`;
  const next = nextAttempt(folder.history);
  const goesOn = next.attempt > 1
    ? `attempt ${next.attempt} of iteration ${next.iteration}`
    : `iteration ${next.iteration}`;
  yield { type: "session.recovered", detail: `${how}: ${found}; going on with ${goesOn}` };
  // In the middle of a run the agent may have written any phase.
  keepPhase(folder);
}

/** Only the journal counts. */
function keepPhase(folder: SessionFolder): void {
  if (isAgentPhase(folder.history.phase)) folder.updateNotebook({ Phase: folder.history.phase });
}

/** Enters the phase that a human wrote into the notebook. */
async function* noticeMovedPhase(folder: SessionFolder): AsyncGenerator<SessionEvent> {
  const moved = movedPhase(folder.history, folder.notebookPhase());
  if (moved === undefined) return;
  const plan = planSeen(folder, moved);
  yield* moveByHand(folder, moved, { by: "the phase in the notebook, moved by hand", plan });
  notePhase(folder, moved);
}

/** Opens the gate if a human answered in `_qa.md` while the session waited there. */
async function* noticeAnswers(folder: SessionFolder): AsyncGenerator<SessionEvent> {
  const document = readQuestionsDocument(folder.layout);
  const gate = gateOpenedByHand(folder.history, document);
  if (gate === undefined || document === undefined) return;
  yield {
    type: "gate.opened",
    gate,
    by: `answers written into ${document.name} by hand`,
    document: document.name,
    sha256: document.sha256,
  };
}

/** Creates the workplace in the first run, and restores it in later ones. */
async function* makeWorkplace(
  folder: SessionFolder,
  context: LoopContext,
  { marker }: { readonly marker: string },
): AsyncGenerator<SessionEvent> {
  const { workplace, resumedAfter, attempt } = folder.history;
  if (workplace !== undefined) {
    const restored = await restoreWorkplace(context.mainRepo, workplace, { marker });
    if (restored !== undefined) {
      const note = [workplace.note, restored].filter((text) => text !== "").join("; ");
      yield { type: "session.prepared", workplace: { ...workplace, note } };
    }
  } else {
    // It was removed, and nothing is left to do.
    if (resumedAfter?.kind === "done") return;
    const { mainRepo, worktrees, branchPrefix } = context;
    const request = { mainRepo, worktrees, branchPrefix, name: folder.layout.name, marker };
    // Another session may have the names since.
    const made = await prepareWorkplace(attempt === undefined ? request : await freeRequest(request));
    yield { type: "session.prepared", workplace: made };
  }
  if (isAgentPhase(folder.history.phase)) return;
  setAside(folder);
  yield* enterPhase(folder, { phase: entryPhase(folder.history.gates), by: "worker" });
}
