/**
 * Plays agents: small real programs instead of the real clients, and a look at what they leave behind.
 *
 * @module
 */
import { join } from "node:path";
import type { CliClient, CliOptions } from "../../src/agents/cli_client.ts";
import { agentRunner } from "../../src/agents/engine.ts";
import { readClaudeLine } from "../../src/agents/claude/stream.ts";
import type { AgentIteration, IterationResult, RunnerEvent } from "../../src/agents/agent_runner.ts";
import { TempFolder } from "./temp_folder.ts";

/** The folder of the small programs; each says in its first lines what it does. */
export const PROGRAMS = join(import.meta.dirname ?? ".", "..", "fixtures", "programs");

/** An attempt with nothing special about it. */
export function anIteration(changes: Partial<AgentIteration> = {}): AgentIteration {
  return {
    phase: "implementation",
    iteration: 1,
    attempt: 1,
    agent: { name: "implementation-agent", description: "Works", tools: ["Bash"], prompt: "Work." },
    contextPath: "/nowhere/context.md",
    guidance: "",
    workingDirectory: "/nowhere",
    hasGit: false,
    trustsRepository: true,
    sessionFolder: "/nowhere",
    signalPath: "/nowhere/_signal.json",
    record: [],
    pluginFolder: undefined,
    logPath: "/nowhere/log.jsonl",
    errorLogPath: "/nowhere/log.stderr",
    marker: crypto.randomUUID(),
    startedAt: new Date("2026-11-20T10:00:00Z"),
    ...changes,
  };
}

/** What a run of an agent came to. */
export interface Play {
  readonly events: readonly RunnerEvent[];
  readonly result: IterationResult;
}

/** How a program is played. */
export interface PlayOptions extends Partial<CliOptions> {
  readonly readLine?: CliClient["readLine"];
  readonly abort?: AbortSignal;
  readonly budget?: AgentIteration["budget"];
  /** Instead of `sh`. */
  readonly binary?: string;
  /** Is told of each event at once. */
  readonly onEvent?: (event: RunnerEvent) => void;
}

/** A folder, an attempt in it, and its unique marker. */
export class AgentStage implements Disposable {
  readonly folder = new TempFolder();
  readonly iteration: AgentIteration = anIteration({
    workingDirectory: this.folder.path,
    sessionFolder: this.folder.path,
    logPath: this.folder.at("log.jsonl"),
    errorLogPath: this.folder.at("log.stderr"),
  });

  /** Begins to play a program of the fixtures, or the given shell text after `-c`. */
  begin(args: readonly string[], options: PlayOptions = {}): AsyncGenerator<RunnerEvent, IterationResult> {
    const { readLine = readClaudeLine, abort = new AbortController().signal, binary = "sh", budget } = options;
    const client = { binary, argumentsFor: () => args, environmentFor: () => ({}), readLine };
    const { env = this.env(), timeoutMs = 60_000, stallMs = 60_000, patience, clock } = options;
    const more = { ...(patience === undefined ? {} : { patience }), ...(clock === undefined ? {} : { clock }) };
    return agentRunner(client, { name: "played", env, timeoutMs, stallMs, ...more }).run({
      ...this.iteration,
      ...(budget && { budget }),
    }, {
      abort,
    });
  }

  /** Plays to the end. */
  async play(args: readonly string[], options: PlayOptions = {}): Promise<Play> {
    const run = this.begin(args, options);
    const events: RunnerEvent[] = [];
    while (true) {
      const next = await run.next();
      if (next.done) return { events, result: next.value };
      events.push(next.value);
      options.onEvent?.(next.value);
    }
  }

  /** Enough for a shell to find its tools. */
  env(): Readonly<Record<string, string>> {
    return { PATH: Deno.env.get("PATH") ?? "" };
  }

  /** A number that a program wrote into a file of the folder. */
  number(name: string): number {
    return Number(Deno.readTextFileSync(this.folder.at(name)).trim());
  }

  /** What still carries the attempt's marker. */
  leftovers(): readonly number[] {
    return processesMarked(`SAMOCODE_MARKER=${this.iteration.marker}`);
  }

  [Symbol.dispose](): void {
    for (const pid of this.leftovers()) Deno.kill(pid, "SIGKILL");
    this.folder[Symbol.dispose]();
  }
}

/** A program of the fixtures, for `sh`. */
export function program(name: string, ...args: readonly string[]): readonly string[] {
  return [join(PROGRAMS, `${name}.sh`), ...args];
}

/** The living processes with a variable in their environment, told by /proc alone and not by the code under test. */
export function processesMarked(assignment: string): readonly number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (/^\d+$/.test(name) && environmentOf(name).split("\0").includes(assignment) && isRunning(Number(name))) {
      found.push(Number(name));
    }
  }
  return found;
}

/** Whether a process lives and is no zombie, told by /proc alone. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Waits for a killed process to be gone, which takes the system a moment; nobody tells when. */
export async function isGone(pid: number): Promise<boolean> {
  for (let look = 0; isRunning(pid) && look < 500; look++) await new Promise((wake) => setTimeout(wake, 10));
  return !isRunning(pid);
}

function environmentOf(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`);
  } catch {
    return "";
  }
}
