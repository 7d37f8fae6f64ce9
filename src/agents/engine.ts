/**
 * Runs any command-line agent: starts it, follows its output, watches the time, and ends it with all its processes.
 * What differs between agents is a {@linkcode CliClient}.
 *
 * @module
 */
import type { IterationEnd } from "../workflow/iteration_end.ts";
import type { Usage } from "../workflow/session_event.ts";
import type { AgentHome } from "../guard/guarded_attempt.ts";
import type { Guard, WrappedCommand } from "../guard/guard.ts";
import {
  endGroup,
  endInside,
  type EndPatience,
  firstInside,
  leftInGroup,
  MARKER_VARIABLE,
  sweep,
} from "../system/processes/end_processes.ts";
import { readTail, statIfExists } from "../system/files/files.ts";
import { followLines, type FollowOptions } from "../system/files/follow_lines.ts";
import type { ProcessEntry } from "../system/processes/process_source.ts";
import { programPath } from "../system/processes/program_path.ts";
import { type AgentProcess, spawnAgent } from "../system/processes/spawn_agent.ts";
import { SpawnError } from "../system/processes/spawn_child.ts";
import type { AgentIteration, AgentRunner, IterationResult, RunnerEvent } from "./agent_runner.ts";
import { addObservation, judge, NOTHING_SEEN, type Observation, shortPath, type Sum, usageOf } from "./observation.ts";

/** An agent's command line. All of it is pure. */
export interface CliClient {
  readonly binary: string;
  /** @param place `isGuarded` where the agent can reach nothing but its work, and needs no sandbox of its own. */
  argumentsFor(iteration: AgentIteration, place: { readonly isGuarded: boolean }): readonly string[];
  /** The file for stdin, for text that is too long or too private for an argument. */
  inputPathFor?(iteration: AgentIteration): string;
  /** Variables added to the scrubbed environment. */
  environmentFor(iteration: AgentIteration): Readonly<Record<string, string>>;
  /** Tells from its first characters whether a line may matter. */
  readonly mayMatter?: (start: string) => boolean;
  /** What a line of output says. Total: an unknown line says nothing. */
  readLine(line: string): readonly Observation[];
}

/** How to run a client. */
export interface CliOptions {
  /** The agent's name in the journal. */
  readonly name: string;
  /** The whole environment, scrubbed. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** How long an agent may be silent. */
  readonly stallMs: number;
  /** Absent where nothing guards it. `home` is the folder of the agent's own program. */
  readonly guard?: { readonly guard: Guard; readonly home: AgentHome | undefined } | undefined;
  readonly patience?: EndPatience;
  /** The clock that paces events, in milliseconds. */
  readonly clock?: () => number;
}

/** For each kind of event, so that no agent can flood the journal. */
const MAX_EVENTS_PER_SECOND = 25;

/** Creates the runner of a client. */
export function agentRunner(client: CliClient, options: CliOptions): AgentRunner {
  return {
    name: options.name,
    recall: (logPath) => recall(client, logPath),
    run: (iteration, { abort }) => run(client, { iteration, options, abort }),
  };
}

async function recall(client: CliClient, logPath: string): Promise<Usage> {
  if (statIfExists(logPath) === undefined) return usageOf(NOTHING_SEEN);
  let sum = NOTHING_SEEN;
  for await (const lines of followLines(logPath, { ...lineFilter(client), ended: Promise.resolve() })) {
    for (const line of lines) {
      for (const observation of client.readLine(line)) sum = addObservation(sum, observation);
    }
  }
  return usageOf(sum);
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
  const supervision = new Supervision(started, { options, abort });
  let sum: Sum = NOTHING_SEEN;
  const pace = new Pace(options.clock ?? (() => performance.now()));
  const folders = [iteration.workingDirectory, iteration.sessionFolder];
  let cutBytes = 0;
  const follow = {
    ...lineFilter(client),
    ended: started.exited,
    onBytes: () => supervision.heard(),
    onCut: (count: number) => void (cutBytes = count),
  };
  let pids: readonly number[] = [];
  try {
    for await (const lines of followLines(iteration.logPath, follow)) {
      pace.look();
      for (const line of lines) {
        for (const observation of client.readLine(line)) {
          sum = addObservation(sum, observation);
          if (observation.type !== "verdict" && observation.type !== "model.called" && pace.allows(observation.type)) {
            yield observation.type === "agent.acted"
              ? { ...observation, about: shortPath(observation.about, folders) }
              : observation;
          }
        }
      }
    }
  } finally {
    // Also if the consumer stops early: no process may outlive the run.
    await supervision.end();
    if (supervision.inside === undefined) {
      const seen = [...supervision.descendants, ...leftInGroup(started.pid)];
      pids = await sweep(iteration.marker, seen, options.patience);
    } else await endInside(supervision.inside);
  }
  if (pids.length > 0) yield { type: "processes.ended", pids, detail: "still running when the iteration was over" };
  if (cutBytes > 0) yield { type: "log.cut", bytes: cutBytes };
  const exit = await started.exited;
  return {
    end: supervision.cause ?? judge(sum, exit, readTail(iteration.errorLogPath, 4096)),
    usage: usageOf(sum),
    denials: sum.denials,
    unrecorded: pace.refused,
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
  return guarded.guard.wrap({ ...iteration, binary, env, home: guarded.home }, args);
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

/** Ends a process on timeout, silence or abort. The first cause wins. */
class Supervision {
  readonly #process: AgentProcess;
  readonly #options: CliOptions;
  readonly #abort: AbortSignal;
  readonly #timeout: ReturnType<typeof setTimeout>;
  readonly #onAbort = () => this.#endBecause({ kind: "aborted", by: reasonOf(this.#abort) });
  #stall: ReturnType<typeof setTimeout> | undefined;
  #heardAt = performance.now();
  #ending: Promise<void> | undefined;
  #exited = false;
  cause: IterationEnd | undefined;
  /** The first process behind the guard: everything there ends with it. */
  inside: ProcessEntry | undefined;
  descendants: readonly ProcessEntry[] = [];

  constructor(
    process: AgentProcess,
    { options, abort }: { readonly options: CliOptions; readonly abort: AbortSignal },
  ) {
    this.#process = process;
    this.#options = options;
    this.#abort = abort;
    process.exited.then(() => this.#exited = true);
    const { timeoutMs } = options;
    this.#timeout = setTimeout(() => this.#endBecause({ kind: "timed-out", afterMs: timeoutMs }), timeoutMs);
    this.#watchSilence(options.stallMs);
    abort.addEventListener("abort", this.#onAbort, { once: true });
    if (abort.aborted) this.#onAbort();
  }

  /** Notes that output arrived. Resetting a timer for each chunk would cost more than reading it. */
  heard(): void {
    this.#heardAt = performance.now();
    this.#lookInside();
  }

  /** Ends the process, if it still runs, and the supervision. */
  async end(): Promise<void> {
    if (!this.#exited) await this.#kill();
    await this.#ending;
    clearTimeout(this.#timeout);
    clearTimeout(this.#stall);
    this.#abort.removeEventListener("abort", this.#onAbort);
  }

  #watchSilence(afterMs: number): void {
    this.#stall = setTimeout(() => {
      const silentMs = Math.round(performance.now() - this.#heardAt);
      if (silentMs >= this.#options.stallMs) this.#endBecause({ kind: "stalled", silentMs });
      else this.#watchSilence(this.#options.stallMs - silentMs);
    }, afterMs);
  }

  #endBecause(cause: IterationEnd): void {
    if (this.#exited) return;
    this.cause ??= cause;
    void this.#kill();
  }

  #lookInside(): void {
    const kind = this.#options.guard?.guard.record.kind;
    if (kind !== "bubblewrap" && kind !== "pid-namespace") return;
    this.inside ??= firstInside(this.#process.pid);
  }

  #kill(): Promise<void> {
    this.#lookInside();
    // The guard's own program would die of the first signal, and the agent with it.
    const group = this.#options.guard?.guard.record.kind === "bubblewrap" ? this.inside?.pid : undefined;
    const { patience } = this.#options;
    this.#ending ??= endGroup(this.#process.pid, this.#process.exited, { patience, group })
      .then((descendants) => void (this.descendants = descendants));
    return this.#ending;
  }
}

/** Limits the events of each kind per second, so that frequent kinds do not displace rare ones. */
class Pace {
  readonly #clock: () => number;
  #second = 0;
  readonly #counts = new Map<RunnerEvent["type"], number>();
  refused = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Reads the clock, once per batch of lines: for each event it would add a tenth to the cost of reading. */
  look(): void {
    const second = Math.floor(this.#clock() / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#counts.clear();
  }

  allows(type: RunnerEvent["type"]): boolean {
    const count = (this.#counts.get(type) ?? 0) + 1;
    this.#counts.set(type, count);
    if (count <= MAX_EVENTS_PER_SECOND) return true;
    this.refused++;
    return false;
  }
}

function nothing(end: IterationEnd): IterationResult {
  return { end, usage: usageOf(NOTHING_SEEN), denials: 0, unrecorded: 0 };
}

function reasonOf(abort: AbortSignal): string {
  return typeof abort.reason === "string" ? abort.reason : "interrupted";
}
