/**
 * What the loop works with, beside the session itself.
 *
 * @module
 */
import type { RetryPolicy } from "../workflow/retry.ts";
import type { Provider } from "../providers/provider.ts";

/** What stays the same during a run. */
export interface LoopContext {
  readonly provider: Provider;
  /** The program's version, for the record. */
  readonly version: string;
  /** Where the shipped texts lie. */
  readonly shippedRoot: string;
  /** The program's own cache; the only place outside session and worktree that is written to. */
  readonly cacheFolder: string;
  readonly mainRepo: string;
  readonly worktrees: string;
  readonly branchPrefix: string;
  readonly timeoutMs: number;
  readonly policy: RetryPolicy;
  readonly maxCostUsd: number | undefined;
  /** Fires with the reason, a text, when the run is to end now. */
  readonly abort: AbortSignal;
  readonly now: () => Date;
}
