/**
 * What the loop needs besides the session.
 *
 * @module
 */
import type { Limits } from "../workflow/budget.ts";
import type { RetryPolicy } from "../workflow/retry.ts";
import type { GuardRecord } from "../workflow/run_events.ts";
import type { Phase } from "../workflow/phases.ts";
import type { Plugin } from "../prompt/shipped_files.ts";
import type { CheckOptions } from "../agents/check_process.ts";
import type { AgentRunner } from "../agents/agent_runner.ts";
import type { Clock } from "../system/clock.ts";

/** Who works in a phase. */
export interface PhaseAgent {
  readonly runner: AgentRunner;
  /** The requested model; `undefined` if the provider's own configuration decides. */
  readonly model: string | undefined;
  /** Files that its program would obey in a workplace although they are not trusted. */
  readonly strangeSettings: (workplace: string) => readonly string[];
  /** The longest that one attempt may take. */
  readonly timeoutMs: number;
  /** Why its service cannot be reached from a workplace; `undefined` if it can, or if nobody knows where it is. */
  readonly whyUnreachable: (workplace: string, abort?: AbortSignal) => Promise<string | undefined>;
}

/** What stays the same during a run. */
export interface LoopContext {
  /** The default provider, for the record. */
  readonly provider: string;
  /** Whether it was named for the whole session, for the record. */
  readonly isProviderNamed: boolean;
  /** The agent of a phase, or the named provider's in its place. */
  readonly agentFor: (phase: Phase, name?: string) => PhaseAgent;
  /** The provider that takes over from others; `undefined` if there is no fallback. */
  readonly fallbackProvider: string | undefined;
  /** What guards the agents, for the record. */
  readonly guard: GuardRecord;
  /** The program's version, for the record. */
  readonly version: string;
  /** The folder of the shipped texts. */
  readonly shippedRoot: string;
  /** The shipped skills for agents, if any. */
  readonly plugin: Plugin | undefined;
  /** The program's own cache, the only folder written to outside session and worktree. */
  readonly cacheFolder: string;
  readonly mainRepo: string;
  readonly worktrees: string;
  readonly branchPrefix: string;
  /** The project's own checks, as the person trusted them when the run began. */
  readonly checks: CheckOptions & { readonly commands: readonly (readonly string[])[] };
  readonly policy: RetryPolicy;
  readonly limits: Limits;
  /** The user's own folder, where all sessions of a day note what they used. */
  readonly stateFolder: string;
  /** Whether a person began the run, so that what was changed by hand in the session's files is their decision. */
  readonly takesHandEdits: boolean;
  /** Aborted with the reason, a text, when the run must end now. */
  readonly abort: AbortSignal;
  readonly now: () => Date;
  readonly clock: Clock;
  /** A number from 0 to 1. */
  readonly random: () => number;
}
