/**
 * Runs one check as an agent's program would run it: behind the same guard, with all its processes ended afterwards.
 *
 * @module
 */
import { resolve } from "node:path";
import type { AttemptToGuard, Environment } from "../guard/attempt.ts";
import type { Guard } from "../guard/guard.ts";
import { type EndPatience, MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import { AwakeTime } from "../system/awake_time.ts";
import { programPath } from "../system/processes/program_path.ts";
import { spawnAgent } from "../system/processes/spawn_agent.ts";
import { SpawnError } from "../system/processes/spawn_child.ts";
import { formatDuration } from "../text/format.ts";
import type { RunnerEvent } from "./agent_runner.ts";
import { Supervision } from "./supervision.ts";

/** What to run, and where. */
export interface CheckJob extends Pick<AttemptToGuard, "workingDirectory" | "sessionFolder" | "record" | "marker"> {
  readonly command: readonly string[];
  /** Gets both its outputs. */
  readonly logPath: string;
}

/** What stays the same for all checks of a run. */
export interface CheckOptions {
  /** The whole environment, without secrets. */
  readonly env: Environment;
  readonly guard: Guard;
  readonly timeoutMs: number;
  readonly patience?: EndPatience;
  /** Keeps the machine awake while the process lives. */
  readonly keepAwake?: ((pid: number) => Disposable) | undefined;
}

/** How a check ended. */
export interface CheckEnd {
  readonly hasPassed: boolean;
  /** `undefined` if it did not exit by itself. */
  readonly exitCode: number | undefined;
  /** In words. */
  readonly detail: string;
  /** What else is worth knowing. */
  readonly events: readonly RunnerEvent[];
}

/** Runs a check to its end, its limit or the abort, whatever comes first. */
export async function runCheck(
  { command: [name = "", ...args], ...job }: CheckJob,
  { env: shared, guard, timeoutMs, patience, keepAwake, abort }: CheckOptions & { readonly abort: AbortSignal },
): Promise<CheckEnd> {
  const env = { ...shared, [MARKER_VARIABLE]: job.marker };
  const { workingDirectory: cwd, marker, logPath } = job;
  const binary = programPath(/[\\/]/.test(name) ? resolve(cwd, name) : name, { env }).program;
  if (binary === undefined) return failed(`there is no program ${name}`);
  const attempt = {
    ...job,
    ...{ binary, env, isCheck: true, home: undefined, modelHosts: NO_MODEL, contextPath: "", pluginFolder: undefined },
  };
  using place = guard.wrap(attempt, args);
  try {
    const process = await spawnAgent({ ...place, cwd, stdoutPath: logPath });
    const ends = patience === undefined ? {} : { patience };
    using _awake = keepAwake?.(process.pid);
    using time = new AwakeTime();
    // It may be silent for as long as it may take.
    const supervision = new Supervision(process, {
      options: { timeoutMs, stallMs: timeoutMs, guard, ...ends },
      abort,
      time,
    });
    const { code, signal } = await process.exited;
    const pids = await supervision.endAll(marker);
    const { hosts = [], more = 0 } = place.refused?.() ?? {};
    const events: readonly RunnerEvent[] = [
      ...(pids.length > 0 ? [{ type: "processes.ended", pids, detail: "left by a check" } as const] : []),
      ...(hosts.length > 0 ? [{ type: "hosts.refused", hosts, more } as const] : []),
    ];
    if (supervision.cause !== undefined) {
      return { ...failed(`still running after ${formatDuration(timeoutMs)}, its time limit`), events };
    }
    const detail = signal === undefined ? `exit code ${code}` : `ended by ${signal}`;
    return { hasPassed: code === 0, exitCode: code, detail, events };
  } catch (error) {
    if (error instanceof SpawnError) return failed(error.message);
    throw error;
  }
}

const NO_MODEL = { usual: [], chosen: undefined } as const;

function failed(detail: string): CheckEnd {
  return { hasPassed: false, exitCode: undefined, detail, events: [] };
}
