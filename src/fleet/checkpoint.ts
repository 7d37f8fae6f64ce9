/**
 * A worktree on its way between machines: what is committed in it and what is not, as one commit on one ref of the
 * remote. Each checkpoint has the one before it as first parent, so a plain push is a compare-and-swap, and git itself
 * refuses a worker that was overtaken.
 *
 * @module
 */

/** Which session's checkpoints, and who makes them. */
export interface CheckpointRequest {
  /** The project's clone on this machine. */
  readonly repo: string;
  /** As `checkpointName()` gives it; the session's name as long as it has no worktree. */
  readonly name: string;
  /** The session's row: another session that once had this name is told apart by it. */
  readonly session: string;
  readonly epoch: number;
  /** For the copy of the index. */
  readonly cacheFolder: string;
  /** In the environment of every git. */
  readonly marker?: string | undefined;
  /** Ends a git that waits for the network. */
  readonly abort?: AbortSignal | undefined;
}

/** Where a session works. */
export interface FleetWorktree {
  readonly worktree: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

/** What the remote has of a session. */
export interface KeptWork {
  /** The checkpoint. */
  readonly commit: string;
  /** What the branch leads to. */
  readonly head: string;
}

/** The checkpoints of one session under one lease. */
export class FleetCheckpoints {
  /** What the worker before kept; `undefined` if the session had no worktree yet. */
  readonly restored: KeptWork | undefined;

  private constructor(restored: KeptWork | undefined) {
    this.restored = restored;
  }

  /**
   * Fetches the session's checkpoints, and pushes the mark that this worker goes on: from then on git refuses the one
   * before.
   *
   * @throws {FencedError} If another worker with a later epoch was faster.
   * @throws {SamocodeError} If the remote cannot be reached, or the name is another session's.
   */
  static begin(_request: CheckpointRequest): Promise<FleetCheckpoints> {
    throw new Error("not built yet");
  }

  /**
   * Pushes the worktree as it stands, and with it the numbered checkpoints that the remote does not have.
   *
   * @returns The last checkpoint; `isNew` is false if nothing has changed since, and then nothing was pushed. `left` is
   * what is not in it, each with the reason.
   * @throws {FencedError} If another worker has gone on.
   * @throws {SamocodeError} If the remote cannot be reached: the next push takes along what this one would have.
   */
  push(_worktree: FleetWorktree): Promise<
    { readonly commit: string; readonly isNew: boolean; readonly left: readonly string[] }
  > {
    throw new Error("not built yet");
  }

  /** Tells whether a worktree on this machine is just what the remote has: then it needs no restoring. */
  isCurrent(_worktree: FleetWorktree): Promise<boolean> {
    throw new Error("not built yet");
  }

  /**
   * Makes branch, worktree and index as the worker before had them. There must be neither such a worktree nor such a
   * branch: set them aside before.
   */
  restore(_worktree: FleetWorktree): Promise<void> {
    throw new Error("not built yet");
  }
}
