/**
 * Runs an agent: one attempt of an iteration and its result.
 *
 * @module
 */
import type { Amounts } from "../workflow/budget.ts";
import type { IterationEnd } from "../workflow/iteration_end.ts";
import type { Phase } from "../workflow/phases.ts";
import type { AgentEvent, SessionEvent } from "../workflow/session_event.ts";
import type { Usage } from "../workflow/usage.ts";

/** The agent of a phase, as its file in `agents/` describes it. */
export interface AgentDefinition {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly string[];
  readonly prompt: string;
}

/** One attempt of an iteration. */
export interface AgentIteration {
  readonly phase: Phase;
  readonly iteration: number;
  readonly attempt: number;
  readonly agent: AgentDefinition;
  /** The file with the workflow and the session's context; readable by this user only. */
  readonly contextPath: string;
  /** What humans said since the last iteration. */
  readonly guidance: string;
  readonly workingDirectory: string;
  readonly hasGit: boolean;
  /** Whether the agent's program may obey the repository's settings. */
  readonly trustsRepository: boolean;
  readonly sessionFolder: string;
  readonly signalPath: string;
  /** What in the session's folder only the worker writes. */
  readonly record: readonly string[];
  /** The shipped skills as a Claude Code plugin; `undefined` if none are shipped. */
  readonly pluginFolder: string | undefined;
  /** The file for the agent's stdout. */
  readonly logPath: string;
  readonly errorLogPath: string;
  /** In the environment of every process of the attempt. */
  readonly marker: string;
  /** The time for stamps in documents. */
  readonly startedAt: Date;
  /** Absent without a budget. */
  readonly budget?: AttemptBudget;
}

/** What an attempt may use. */
export interface AttemptBudget {
  /** In dollars; `undefined` without a limit. */
  readonly restUsd: number | undefined;
  readonly restMs: number | undefined;
  /** Notes what the attempt has used so far. `over` is the limit that is used up, in words. */
  used(amounts: Amounts): {
    readonly warnings: readonly Extract<SessionEvent, { type: "budget.warned" }>[];
    readonly over: string | undefined;
  };
}

/** The result of an attempt. */
export interface IterationResult {
  readonly end: IterationEnd;
  readonly usage: Usage;
  /** How often the agent was denied a tool. */
  readonly denials: number;
  /** Events that came too fast to be recorded. */
  readonly unrecorded: number;
  /** The commands that failed when the agent last ran them. */
  readonly failed: readonly string[];
}

/** What a running attempt reports. */
export type RunnerEvent =
  | AgentEvent
  | Extract<SessionEvent, { type: "processes.ended" | "log.cut" | "hosts.refused" | "budget.warned" }>;

/** Runs an agent. Its failure is a result, never an exception. */
export interface AgentRunner {
  readonly name: string;
  /** Reads an attempt's usage from its raw logs, after a worker died. */
  recall(logPath: string, errorLogPath?: string): Promise<Usage>;
  /** Runs one attempt; ends it and all its processes when `abort` fires. The result has the abort's reason. */
  run(
    iteration: AgentIteration,
    options: { readonly abort: AbortSignal },
  ): AsyncGenerator<RunnerEvent, IterationResult>;
}
