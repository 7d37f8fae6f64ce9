/**
 * Runs the machine owner's setup commands, such as `npm ci`, in a worktree before agents work there.
 *
 * @module
 */
import { runCheck } from "../agents/check_process.ts";
import { chooseGuard } from "../guard/guard.ts";
import type { Samocode } from "../operations/samocode.ts";
import { layoutOf, recordOf } from "../session/layout.ts";
import { finishLog, watchLogs } from "../session/raw_log.ts";
import { checkEnvironment } from "../settings/agent_environment.ts";
import { guardSettings } from "../settings/settings.ts";
import { readTail } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { documentStamp } from "../text/format.ts";
import { plainLines } from "../text/terminal_text.ts";
import { join } from "node:path";

/** Where to run the commands. */
export interface SetupJob {
  /** The project's name. */
  readonly project: string;
  /** The session's name. */
  readonly session: string;
  readonly worktree: string;
  readonly sessionFolder: string;
  /** Marker in the environment of all processes that it starts. */
  readonly marker: string;
  readonly abort: AbortSignal;
}

/**
 * Runs the commands of `SAMOCODE_FLEET_SETUP` in order, with the same guard and time limit as checks.
 *
 * @throws {SamocodeError} If one fails, with the last lines of its output.
 */
export async function runSetup(samocode: Samocode, job: SetupJob): Promise<void> {
  const { settings, env } = samocode;
  if (settings.fleetSetup.length === 0) return;
  const guard = await chooseGuard(guardSettings(settings, samocode));
  const own = { SAMOCODE_FLEET_PROJECT: job.project, SAMOCODE_FLEET_SESSION: job.session };
  const options = { env: { ...checkEnvironment(env), ...own }, guard, timeoutMs: settings.checkTimeoutMs };
  for (const [index, command] of settings.fleetSetup.entries()) {
    const { end, tail } = await runOne(samocode, job, { command, number: index + 1, options });
    if (end.hasPassed) continue;
    const shown = `${command.join(" ")}: ${job.abort.aborted ? "it was stopped" : end.detail}`;
    throw new SamocodeError("system", `Cannot set up ${job.worktree}: ${shown}${tail === "" ? "" : `\n${tail}`}`, {
      hint: "Fix SAMOCODE_FLEET_SETUP in the environment of this machine's worker, or the command itself",
    });
  }
}

async function runOne(
  { now }: Samocode,
  { sessionFolder, worktree, marker, abort }: SetupJob,
  { command, number, options }: {
    readonly command: readonly string[];
    readonly number: number;
    readonly options: Omit<Parameters<typeof runCheck>[1], "abort">;
  },
): Promise<{ readonly end: Awaited<ReturnType<typeof runCheck>>; readonly tail: string }> {
  const layout = layoutOf(sessionFolder);
  Deno.mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
  const stamp = documentStamp(now(), { colon: false });
  // A unique name: a session is set up again on every machine that it moves to.
  const logPath = join(layout.logs, `${stamp}-setup-${number}-${crypto.randomUUID().slice(0, 8)}.log`);
  const place = { workingDirectory: worktree, sessionFolder, record: recordOf(layout), marker };
  const flood = new AbortController();
  try {
    using _watch = watchLogs([logPath], { onTooMuch: (reason) => flood.abort(reason) });
    const either = AbortSignal.any([abort, flood.signal]);
    const end = await runCheck({ ...place, command, logPath }, { ...options, abort: either });
    const tail = plainLines(readTail(logPath, TAIL_BYTES).trimEnd()).slice(-TAIL_LINES).join("\n");
    return { end: flood.signal.aborted ? { ...end, detail: `ended by ${flood.signal.reason}` } : end, tail };
  } finally {
    finishLog(logPath);
  }
}

const TAIL_BYTES = 4_096;
const TAIL_LINES = 10;
