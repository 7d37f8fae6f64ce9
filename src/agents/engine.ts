/**
 * Runs any agent that is a command-line program: starts it, follows what it writes, watches the time, and ends it with
 * all that it started. What differs between agents is a {@linkcode CliClient}.
 *
 * @module
 */
import type { IterationEnd } from "../workflow/iteration_end.ts";
import type { Usage } from "../workflow/session_event.ts";
import { endGroup, type EndPatience, leftInGroup, MARKER_VARIABLE, sweep } from "../system/processes/end_processes.ts";
import { readTail, statIfExists } from "../system/files/files.ts";
import { followLines, type FollowOptions } from "../system/files/follow_lines.ts";
import type { ProcessEntry } from "../system/processes/process_source.ts";
import { type AgentProcess, spawnAgent } from "../system/processes/spawn_agent.ts";
import { SpawnError } from "../system/processes/spawn_child.ts";
import type { AgentIteration, AgentRunner, IterationResult, RunnerEvent } from "./agent_runner.ts";
import { addObservation, judge, NOTHING_SEEN, type Observation, shortPath, type Sum, usageOf } from "./observation.ts";

/** What must be known about an agent's command line. All of it is pure. */
export interface CliClient {
  readonly binary: string;
  argumentsFor(iteration: AgentIteration): readonly string[];
  /** The file that is the agent's standard input: for what is too long or too private for an argument. */
  inputPathFor?(iteration: AgentIteration): string;
  /** Variables that this agent needs beside the scrubbed environment. */
  environmentFor(iteration: AgentIteration): Readonly<Record<string, string>>;
  /** Tells by its beginning whether a line can say anything; without this each line is read whole. */
  readonly mayMatter?: (start: string) => boolean;
  /** What a line of output says. Total: a line that is not understood says nothing. */
  readLine(line: string): readonly Observation[];
}

/** What holds for every agent. */
export interface CliOptions {
  /** The name of the agent, for the record. */
  readonly name: string;
  /** The environment that agents get: scrubbed, and whole. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** After this long without a byte of output an agent counts as stalled. */
  readonly stallMs: number;
  readonly patience?: EndPatience;
  /** The clock that paces events, in milliseconds. */
  readonly clock?: () => number;
}

/** Of each kind up to this many a second are recorded one by one; an agent gone wild must not fill the journal. */
const MAX_EVENTS_PER_SECOND = 25;

/** Makes what runs a client. */
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
  const started = await start(client, iteration, options.env);
  if ("kind" in started) return nothing(started);
  const supervision = new Supervision(started, { options, abort });
  let sum: Sum = NOTHING_SEEN;
  const pace = new Pace(options.clock ?? (() => performance.now()));
  const folders = [iteration.workingDirectory, iteration.sessionFolder];
  const follow = { ...lineFilter(client), ended: started.exited, onBytes: () => supervision.heard() };
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
    // Also when nobody asks for the next event any more: nothing of an agent must outlive whoever watches it.
    await supervision.end();
    const seen = [...supervision.descendants, ...leftInGroup(started.pid)];
    pids = await sweep(iteration.marker, seen, options.patience);
  }
  if (pids.length > 0) yield { type: "processes.ended", pids, detail: "still running when the iteration was over" };
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

async function start(
  client: CliClient,
  iteration: AgentIteration,
  env: Readonly<Record<string, string>>,
): Promise<AgentProcess | IterationEnd> {
  const stdinPath = client.inputPathFor?.(iteration);
  try {
    return await spawnAgent({
      binary: client.binary,
      args: client.argumentsFor(iteration),
      ...(stdinPath === undefined ? {} : { stdinPath }),
      cwd: iteration.workingDirectory,
      env: { ...env, ...client.environmentFor(iteration), [MARKER_VARIABLE]: iteration.marker },
      stdoutPath: iteration.logPath,
      stderrPath: iteration.errorLogPath,
    });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    if (error.notFound) return { kind: "not-found", binary: client.binary };
    return { kind: "crashed", cause: "setup", detail: error.message, exitCode: undefined };
  }
}

/** Watches one process: its time, its silence, and whoever wants it ended. The first cause wins. */
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

  /** Output arrived. Only noted: a timer for each chunk would cost more than the chunk. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Ends the process if it still runs, and the watch. */
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

  #kill(): Promise<void> {
    this.#ending ??= endGroup(this.#process.pid, this.#process.exited, this.#options.patience)
      .then((descendants) => void (this.descendants = descendants));
    return this.#ending;
  }
}

/** Lets through so many events of a kind a second: chatter must not push out a rare word, nor any kind flood. */
class Pace {
  readonly #clock: () => number;
  #second = 0;
  readonly #counts = new Map<RunnerEvent["type"], number>();
  refused = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Looks at the clock. Once a batch of lines: for each event it would cost as much as a tenth of its reading. */
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
