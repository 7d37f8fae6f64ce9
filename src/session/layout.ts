/**
 * Where each file of a session is. No other module builds these paths.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { Phase } from "../workflow/phases.ts";
import { documentStamp } from "../text/format.ts";
import { bareName } from "./session_name.ts";

/** Where checkpoints are: a folder of refs for each session. */
export const CHECKPOINTS = "refs/samocode/checkpoints";

/** Where sessions go that a person puts aside: below the folder of all sessions, where no session's name leads. */
export function archiveOf(sessions: string): string {
  return join(sessions, ".archive");
}

/** The paths of one session. */
export interface Layout {
  readonly folder: string;
  /** The name without its day. */
  readonly name: string;
  readonly notebook: string;
  readonly questions: string;
  readonly signal: string;
  readonly journal: string;
  readonly signalHistory: string;
  readonly logs: string;
  readonly sessionLog: string;
  /** stdout and stderr of a detached worker. */
  readonly workerLog: string;
  /** What the worker tells of a session that is done, as HTML. */
  readonly report: string;
}

/** The paths of the session in `folder`. */
export function layoutOf(folder: string): Layout {
  return {
    folder,
    name: bareName(basename(folder)),
    notebook: join(folder, "_overview.md"),
    questions: join(folder, "_qa.md"),
    signal: join(folder, "_signal.json"),
    journal: join(folder, "_journal.jsonl"),
    signalHistory: join(folder, "_signal_history.jsonl"),
    logs: join(folder, "_logs"),
    sessionLog: join(folder, "session.log"),
    workerLog: join(folder, "worker.log"),
    report: join(folder, "report.html"),
  };
}

/** What only the worker writes. An agent that could would decide what happened. */
export function recordOf(layout: Layout): readonly string[] {
  const { journal, logs, signalHistory, sessionLog, workerLog } = layout;
  return [journal, logs, signalHistory, sessionLog, workerLog];
}

/** The name of the log of a check, in `_logs/`: `11-20-1437-check-4.log`. `number` counts all of the session. */
export function checkLogName({ number, at }: { readonly number: number; readonly at: Date }): string {
  return `${documentStamp(at, { colon: false })}-check-${number}.log`;
}

/** The name of the raw log of one attempt, in `_logs/`: `11-20-1437-003-planning.jsonl`. */
export function attemptLogName(
  { iteration, attempt, phase, at }: {
    readonly iteration: number;
    readonly attempt: number;
    readonly phase: Phase;
    readonly at: Date;
  },
): string {
  const again = attempt === 1 ? "" : `-${attempt}`;
  return `${documentStamp(at, { colon: false })}-${String(iteration).padStart(3, "0")}-${phase}${again}.jsonl`;
}
