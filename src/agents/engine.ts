/**
 * Runs any command-line agent: starts it, follows its output, watches the time, and ends it with all its processes.
 * What differs between agents is a {@linkcode CliClient}.
 *
 * @module
 */
import { amountsOf } from "../workflow/budget.ts";
import type { IterationEnd } from "../workflow/iteration_end.ts";
import type { Usage } from "../workflow/usage.ts";
import type { WrappedCommand } from "../guard/guard.ts";
import { MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import { AwakeTime } from "../system/awake_time.ts";
import { readTail, statIfExists } from "../system/files/files.ts";
import { followLines, type FollowOptions } from "../system/files/follow_lines.ts";
import { programPath } from "../system/processes/program_path.ts";
import { type AgentProcess, spawnAgent } from "../system/processes/spawn_agent.ts";
import { SpawnError } from "../system/processes/spawn_child.ts";
import type { AgentIteration, AgentRunner, IterationResult, RunnerEvent } from "./agent_runner.ts";
import type { CliClient, CliOptions } from "./cli_client.ts";
import {
  addObservation,
  isAgentEvent,
  judge,
  NOTHING_SEEN,
  type Observation,
  shortPath,
  type Sum,
  usageOf,
} from "./observation.ts";
import { Pace } from "./pace.ts";
import { Pulse } from "./pulse.ts";
import { ServiceWatch } from "./service_watch.ts";
import { reasonOf, Supervision } from "./supervision.ts";

/** Creates the runner of a client. */
export function agentRunner(client: CliClient, options: CliOptions): AgentRunner {
  return {
    name: options.name,
    recall: (logPath, errorLogPath) => recall(client, logPath, errorLogPath),
    run: (iteration, { abort }) => run(client, { iteration, options, abort }),
  };
}

async function recall(client: CliClient, logPath: string, errorLogPath = ""): Promise<Usage> {
  let sum = NOTHING_SEEN;
  const add = (observation: Observation) => void (sum = addObservation(sum, observation));
  const ended = Promise.resolve();
  if (statIfExists(logPath) !== undefined) {
    for await (const lines of followLines(logPath, { ...lineFilter(client), ended })) {
      for (const line of lines) client.readLine(line).forEach(add);
    }
  }
  if (statIfExists(errorLogPath) !== undefined) await followErrors(client, errorLogPath, { ended, see: add });
  return usageOf(sum, { isCutShort: true });
}

/** Reads what a client says on stderr about its calls, if it does. */
async function followErrors(
  client: CliClient,
  path: string,
  { ended, see }: { readonly ended: Promise<unknown>; readonly see: (observation: Observation) => void },
): Promise<void> {
  if (client.readErrorLine === undefined) return;
  for await (const lines of followLines(path, { ended })) {
    for (const line of lines) client.readErrorLine(line).forEach(see);
  }
}

async function* run(
  client: CliClient,
  { iteration, options, abort }: {
    readonly iteration: AgentIteration;
    readonly options: CliOptions;
    readonly abort: AbortSignal;
  },
): AsyncGenerator<RunnerEvent, IterationResult> {
  if (abort.aborted) return nothing({ kind: "aborted", by: reasonOf(abort) });
  using place = enter(client, iteration, options);
  // The guard's own program would be found, and the agent be called a failure.
  if (place === undefined) return nothing({ kind: "not-found", binary: client.binary });
  const started = await start(client, iteration, place);
  if ("kind" in started) return nothing(started);
  // Beside the agent, which waits for nothing.
  using _awake = options.keepAwake?.(started.pid);
  using time = new AwakeTime();
  const supervision = new Supervision(started, {
    options: { ...options, guard: options.guard?.guard },
    abort,
    time,
    restMs: iteration.budget?.restMs,
  });
  let sum: Sum = NOTHING_SEEN;
  const { budget } = iteration;
  const warnings: RunnerEvent[] = [];
  let isEndedAtCall = false;
  const pulse = new Pulse(options.clock);
  const see = (observation: Observation) => {
    const { used } = sum;
    sum = addObservation(sum, observation);
    pulse.saw(observation);
    if (sum.used === used || budget === undefined) return;
    const { warnings: due, over } = budget.used(amountsOf(usageOf(sum), { time: time.ms }));
    warnings.push(...due);
    if (over === undefined) return;
    const end = { kind: "over-budget", detail: over } as const;
    supervision.endBecause(end);
    isEndedAtCall ||= supervision.cause === end;
  };
  const pace = new Pace(options.clock ?? (() => performance.now()));
  const folders = [iteration.workingDirectory, iteration.sessionFolder];
  using service = new ServiceWatch({
    ...options.service,
    time,
    whyUnreachable: () => options.service?.whyUnreachable(iteration.workingDirectory) ?? Promise.resolve(undefined),
    onLost: (detail) => supervision.endBecause({ kind: "crashed", cause: "network", detail, exitCode: undefined }),
  });
  let cutBytes = 0;
  const follow = {
    ...lineFilter(client),
    ended: started.exited,
    onBytes: () => {
      supervision.heard();
      service.heard();
    },
    onCut: (count: number) => void (cutBytes = count),
    onReady: (given: () => void) => void (nudge = given),
  };
  let nudge = () => {};
  const calls = followErrors(client, iteration.errorLogPath, {
    ended: started.exited,
    see: (observation) => {
      see(observation);
      nudge();
    },
  });
  // Thrown below; the agent must not work on uncounted.
  calls.catch(() => supervision.endBecause({ kind: "aborted", by: "an error" }));
  let pids: readonly number[] = [];
  try {
    for await (const lines of followLines(iteration.logPath, follow)) {
      pace.look();
      yield* warnings.splice(0);
      for (const line of lines) {
        for (const observation of client.readLine(line)) {
          see(observation);
          service.saw(observation);
          if (isAgentEvent(observation) && pace.allows(observation.type)) {
            yield observation.type === "agent.acted"
              ? { ...observation, about: shortPath(observation.about, folders) }
              : observation;
          }
        }
      }
      yield* pulse.due(sum);
    }
  } finally {
    // Also if the consumer stops early: no process may outlive the run.
    pids = await supervision.endAll(iteration.marker);
  }
  await calls;
  yield* warnings.splice(0);
  if (pids.length > 0) yield { type: "processes.ended", pids, detail: "still running when the iteration was over" };
  if (cutBytes > 0) yield { type: "log.cut", bytes: cutBytes };
  const { hosts = [], more = 0 } = place.refused?.() ?? {};
  if (hosts.length > 0) yield { type: "hosts.refused", hosts, more };
  const exit = await started.exited;
  return {
    end: supervision.cause ?? judge(sum, exit, readTail(iteration.errorLogPath, 4096)),
    // When its time is over, it may be in the middle of one.
    usage: usageOf(sum, { isCutShort: !isEndedAtCall }),
    denials: sum.denials,
    unrecorded: pace.refused,
    failed: sum.failed,
  };
}

function lineFilter({ mayMatter }: CliClient): Pick<FollowOptions, "mayMatter"> {
  return mayMatter === undefined ? {} : { mayMatter };
}

/** The command of an attempt, behind the guard where there is one; `undefined` where its program is not found. */
function enter(
  client: CliClient,
  iteration: AgentIteration,
  { env: scrubbed, guard: guarded }: CliOptions,
): WrappedCommand | undefined {
  const env = { ...scrubbed, ...client.environmentFor(iteration), [MARKER_VARIABLE]: iteration.marker };
  const isGuarded = guarded?.guard.record.kind === "bubblewrap";
  const args = client.argumentsFor(iteration, { isGuarded });
  if (guarded === undefined) return { binary: client.binary, args, env, [Symbol.dispose]: () => {} };
  const binary = programPath(client.binary, { env }).program;
  if (binary === undefined) return undefined;
  const { guard, home, modelHosts } = guarded;
  return guard.wrap({ ...iteration, binary, env, home, modelHosts }, args);
}

async function start(
  client: CliClient,
  iteration: AgentIteration,
  { binary, args, env }: WrappedCommand,
): Promise<AgentProcess | IterationEnd> {
  const stdinPath = client.inputPathFor?.(iteration);
  try {
    return await spawnAgent({
      binary,
      args,
      ...(stdinPath === undefined ? {} : { stdinPath }),
      cwd: iteration.workingDirectory,
      env,
      stdoutPath: iteration.logPath,
      stderrPath: iteration.errorLogPath,
    });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    if (error.notFound) return { kind: "not-found", binary: client.binary };
    return { kind: "crashed", cause: "setup", detail: error.message, exitCode: undefined };
  }
}

function nothing(end: IterationEnd): IterationResult {
  return { end, usage: usageOf(NOTHING_SEEN), denials: 0, unrecorded: 0, failed: [] };
}
