/**
 * What runs an agent: one attempt of an iteration, and what comes of it.
 *
 * @module
 */
import type { IterationEnd } from "../workflow/iteration_end.ts";
import type { Phase } from "../workflow/phases.ts";
import type { AgentEvent, SessionEvent, Usage } from "../workflow/session_event.ts";

/** The agent that works in a phase, as its file describes it. */
export interface AgentDefinition {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly string[];
  /** The agent's own instructions. */
  readonly prompt: string;
}

/** One attempt of an iteration, as an agent gets it. */
export interface AgentIteration {
  readonly phase: Phase;
  readonly iteration: number;
  readonly attempt: number;
  readonly agent: AgentDefinition;
  /** The file with the contract and the session's context, of any length; readable by this user only. */
  readonly contextPath: string;
  /** What humans said since the last iteration; empty where nobody did. */
  readonly guidance: string;
  readonly workingDirectory: string;
  readonly hasGit: boolean;
  readonly sessionFolder: string;
  readonly signalPath: string;
  /** A folder in the form of a Claude Code plugin with the shipped skills; `undefined` where there are none. */
  readonly pluginFolder: string | undefined;
  /** Where the raw stream goes. */
  readonly logPath: string;
  readonly errorLogPath: string;
  /** Stands in the environment of all that the attempt starts. */
  readonly marker: string;
  /** When it began: what the stamps in documents are made from. */
  readonly startedAt: Date;
}

/** What an attempt came to. */
export interface IterationResult {
  readonly end: IterationEnd;
  readonly usage: Usage;
  /** How often the agent was refused a tool. */
  readonly denials: number;
  /** Activity that came too fast to be recorded one by one. */
  readonly unrecorded: number;
}

/** What is seen while an attempt runs. */
export type RunnerEvent = AgentEvent | Extract<SessionEvent, { type: "processes.ended" }>;

/** Runs an agent. Whatever happens to it is a result, never an exception. */
export interface AgentRunner {
  readonly name: string;
  /** Reads again what an attempt used, from its raw log: for a worker that died before it could. */
  recall(logPath: string): Promise<Usage>;
  /** Runs one attempt; ends it, with all that it started, when `abort` fires. The signal's reason is told on. */
  run(
    iteration: AgentIteration,
    options: { readonly abort: AbortSignal },
  ): AsyncGenerator<RunnerEvent, IterationResult>;
}
