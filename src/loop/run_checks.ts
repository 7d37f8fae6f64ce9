/**
 * Runs the project's own checks in the workplace. A round that is cut short, by a stop or a crash, is run again from its
 * beginning by whoever decides next.
 *
 * @module
 */
import { type CheckEnd, type CheckJob, runCheck } from "../agents/check_process.ts";
import { readCheckout } from "../session/work_state.ts";
import { checkLogName, recordOf } from "../session/layout.ts";
import { finishLog, rawLogsOf, watchLogs } from "../session/raw_log.ts";
import { checkRepository, readRepository } from "../session/repository_state.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { readTail } from "../system/files/files.ts";
import { plainLines } from "../text/terminal_text.ts";
import type { CheckStage } from "../workflow/evidence.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import type { LoopContext } from "./loop_context.ts";
import { rest } from "./rest.ts";

/**
 * Runs all checks, one after the other, whether or not the ones before passed.
 *
 * @throws {SamocodeError} Where they changed what belongs to others in the repository.
 */
export async function* runChecks(
  folder: SessionFolder,
  context: LoopContext,
  stage: CheckStage,
): AsyncGenerator<SessionEvent> {
  const { workplace } = folder.history;
  if (workplace === undefined) throw new Error("no checks without a workplace");
  const { commands } = context.checks;
  const { tree, ...state } = await readCheckout(folder);
  const repository = readRepository(workplace);
  for (const [index, command] of commands.entries()) {
    const { starts } = folder.history.evidence;
    const log = checkLogName({ number: starts + 1, at: context.now() });
    const marker = crypto.randomUUID();
    const about = { stage, command, ...state, log };
    yield { type: "check.started", ...about, number: index + 1, of: commands.length, marker, tree };
    const begun = performance.now();
    const [logPath] = rawLogsOf(folder.layout, log);
    Deno.mkdirSync(folder.layout.logs, { recursive: true, mode: 0o700 });
    const { layout } = folder;
    const record = recordOf(layout);
    const job = { command, marker, logPath, workingDirectory: workplace.path, sessionFolder: layout.folder, record };
    const { end, isStopped } = await runUnlessStopped(folder, context, job).finally(() => finishLog(logPath));
    const durationMs = Math.round(performance.now() - begun);
    const tail = end.hasPassed || isStopped ? "" : tailOf(logPath);
    yield* end.events;
    const result = isStopped ? "aborted" : end.hasPassed ? "passed" : "failed";
    const { exitCode, detail } = end;
    yield { type: "check.ended", ...about, result, exitCode, detail, durationMs, tail };
    if (isStopped) break;
  }
  if (repository !== undefined) await checkRepository(repository, workplace.branch ?? "");
}

/** A stop that would wait for the end of an iteration need not wait for a check: it is repeated. */
async function runUnlessStopped(
  folder: SessionFolder,
  { abort, clock, checks }: LoopContext,
  job: CheckJob,
): Promise<{ readonly end: CheckEnd; readonly isStopped: boolean }> {
  const stop = new AbortController();
  const flood = new AbortController();
  const over = new AbortController();
  const look = async (): Promise<void> => {
    try {
      await rest(folder, { ms: Infinity, abort: AbortSignal.any([abort, over.signal]), clock });
    } finally {
      stop.abort();
    }
  };
  const run = async (): Promise<CheckEnd> => {
    try {
      using _watch = watchLogs([job.logPath], { onTooMuch: (reason) => flood.abort(reason) });
      return await runCheck(job, { ...checks, abort: AbortSignal.any([stop.signal, flood.signal]) });
    } finally {
      over.abort();
    }
  };
  const [ran, looked] = await Promise.allSettled([run(), look()]);
  if (looked.status === "rejected") throw looked.reason;
  if (ran.status === "rejected") throw ran.reason;
  const isStopped = abort.aborted || folder.history.stopRequestedBy !== undefined;
  if (isStopped) return { end: { ...ran.value, detail: "stopped" }, isStopped };
  const end = flood.signal.aborted
    ? { ...ran.value, hasPassed: false, detail: `ended by ${flood.signal.reason}` }
    : ran.value;
  return { end, isStopped };
}

const TAIL_BYTES = 16_384;
const TAIL_LINES = 40;
const TAIL_CHARACTERS = 3_000;

function tailOf(path: string): string {
  const lines = plainLines(readTail(path, TAIL_BYTES).trimEnd()).slice(-TAIL_LINES);
  return lines.join("\n").slice(-TAIL_CHARACTERS);
}
