/**
 * What the loop works with, beside the session itself.
 *
 * @module
 */
import type { RetryPolicy } from "../workflow/retry.ts";
import type { Phase } from "../workflow/phases.ts";
import type { Plugin } from "../prompt/plugin_files.ts";
import type { AgentRunner } from "../agents/agent_runner.ts";

/** Who works in a phase. */
export interface PhaseAgent {
  readonly runner: AgentRunner;
  /** The model that it is asked for; `undefined` where its own configuration decides. */
  readonly model: string | undefined;
  /** The longest that one iteration may take. */
  readonly timeoutMs: number;
}

/** What stays the same during a run. */
export interface LoopContext {
  /** Who works where nothing else is said, for the record. */
  readonly provider: string;
  /** Whether it was named for the whole session, for the record. */
  readonly isProviderNamed: boolean;
  /** Who works in a phase; with a name, that agent in its place. */
  readonly agentFor: (phase: Phase, name?: string) => PhaseAgent;
  /** The fallback of other agents; `undefined` where there is none. */
  readonly fallbackProvider: string | undefined;
  /** The program's version, for the record. */
  readonly version: string;
  /** Where the shipped texts lie. */
  readonly shippedRoot: string;
  /** The shipped skills for its agents; `undefined` where there are none. */
  readonly plugin: Plugin | undefined;
  /** The program's own cache; the only place outside session and worktree that is written to. */
  readonly cacheFolder: string;
  readonly mainRepo: string;
  readonly worktrees: string;
  readonly branchPrefix: string;
  readonly policy: RetryPolicy;
  readonly maxCostUsd: number | undefined;
  /** Fires with the reason, a text, when the run is to end now. */
  readonly abort: AbortSignal;
  readonly now: () => Date;
}
