/**
 * A worktree on its way between machines: what is committed in it and what is not, as one commit on one ref of the
 * remote. Each checkpoint has the one before it as first parent, so a plain push is a compare-and-swap, and git itself
 * refuses a worker that was overtaken.
 *
 * @module
 */
import { type GitPlace, mustGit } from "../session/git.ts";
import { CHECKPOINTS } from "../session/layout.ts";
import { type CheckpointSubject, SIGNATURE } from "../session/scratch_index.ts";
import { checkSessionName } from "../session/session_name.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { oneAtATime } from "../system/one_at_a_time.ts";
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { FencedError } from "./contract.ts";
import {
  fetchShared,
  type FleetCheckpoint,
  messageFor,
  MOVING,
  pushShared,
  readCheckpoint,
  refsIn,
  REMOTE,
  sharedRef,
  type SharedRefs,
} from "./shared_refs.ts";
import { takeNumbered, unshared } from "./numbered_checkpoints.ts";
import { type FleetWorktree, makeWorktree, readWorktree, type WorktreeState } from "./worktree_state.ts";

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

/** What the remote has of a session. */
export interface KeptWork {
  /** The checkpoint. */
  readonly commit: string;
  /** What the branch leads to. */
  readonly head: string;
}

/** What a push did. */
export interface Pushed {
  /** The newest checkpoint. */
  readonly commit: string;
  /** Whether this push made it; else nothing had changed. */
  readonly isNew: boolean;
  /** What is not in it, each with the reason. */
  readonly left: readonly string[];
}

/** Enough to send what an iteration makes over a slow line. */
const NETWORK_MS = 5 * 60_000;

/** A remote that answers no more is given up sooner: bytes in a second, and seconds. */
const LOW_SPEED = { GIT_HTTP_LOW_SPEED_LIMIT: "1", GIT_HTTP_LOW_SPEED_TIME: "60" } as const;

/** What a checkpoint is made of; a session without a worktree has no files and no head. */
type NextState = Pick<FleetCheckpoint, "tree" | "head"> & Partial<Pick<WorktreeState, "checkedOut">>;

/** With so many others at one ref, something else is wrong. */
const TRIES = 5;

const HINT = "Run git status in the project's clone";

/** The checkpoints of one session under one lease. */
export class FleetCheckpoints {
  readonly #request: CheckpointRequest;
  readonly #place: GitPlace & object;
  #last: FleetCheckpoint | undefined;
  #shared: SharedRefs;
  #restored: (FleetCheckpoint & KeptWork) | undefined;
  readonly #inTurn = oneAtATime();

  private constructor(request: CheckpointRequest) {
    const { repo, marker, abort } = request;
    this.#request = request;
    this.#place = { folder: repo, marker, abort, timeoutMs: NETWORK_MS, env: { ...SIGNATURE, ...LOW_SPEED } };
    this.#shared = new Map();
  }

  /**
   * Fetches the session's checkpoints, and pushes the mark that this worker goes on: from then on git refuses the one
   * before.
   *
   * @throws {FencedError} If another worker with a later epoch was faster.
   * @throws {SamocodeError} If the remote cannot be reached, or the name is another session's.
   */
  static async begin(request: CheckpointRequest): Promise<FleetCheckpoints> {
    checkSessionName(request.name);
    const begun = new FleetCheckpoints(request);
    await begun.#look();
    await begun.#advance(() => begun.#last);
    const { commit = "", tree = "", head } = begun.#last ?? {};
    if (head !== undefined) begun.#restored = { ...begun.#made({ tree, head }), commit, head };
    await takeNumbered(begun.#place, { name: request.name, shared: begun.#shared });
    return begun;
  }

  /** What the worker before kept; `undefined` if the session had no worktree yet. */
  get restored(): KeptWork | undefined {
    const { commit, head } = this.#restored ?? {};
    return commit === undefined || head === undefined ? undefined : { commit, head };
  }

  /**
   * Pushes the worktree as it stands, and with it the numbered checkpoints that the remote does not have.
   *
   * @throws {FencedError} If another worker has gone on.
   * @throws {SamocodeError} If the worktree cannot be read, or the remote not be reached: the next push takes along what
   * this one would have.
   */
  push(worktree: FleetWorktree): Promise<Pushed> {
    return this.#inTurn(async () => {
      const state = await readWorktree(this.#subject(worktree), worktree.branch);
      const numbered = await unshared(this.#place, { name: this.#request.name, shared: this.#shared });
      const { left } = state;
      const last = this.#last;
      const isKnown = last?.tree === state.tree && last.head === state.head;
      if (last !== undefined && isKnown && numbered.size === 0) return { commit: last.commit, isNew: false, left };
      return { commit: await this.#advance(() => state, numbered), isNew: true, left };
    });
  }

  /** Tells whether a worktree on this machine is just what the remote had: then it needs no restoring. */
  async isCurrent(worktree: FleetWorktree): Promise<boolean> {
    const kept = this.#restored;
    if (kept === undefined || lstatIfExists(worktree.worktree) === undefined) return false;
    try {
      const { tree, head, checkedOut } = await readWorktree(this.#subject(worktree), worktree.branch);
      return tree === kept.tree && head === kept.head && checkedOut === head;
    } catch (error) {
      if (error instanceof SamocodeError) return false;
      throw error;
    }
  }

  /**
   * Makes branch, worktree and index as the worker before had them. The worktree's folder must be free: set it aside
   * before. A branch of that name moves.
   *
   * @throws {SamocodeError} If the folder is taken, or git fails.
   */
  async restore(worktree: FleetWorktree): Promise<void> {
    if (this.#restored === undefined) throw new Error("there is no work to restore");
    const { head, tree } = this.#restored;
    await makeWorktree(this.#place, { ...worktree, head, tree });
  }

  #subject({ worktree }: FleetWorktree): CheckpointSubject {
    const { name, cacheFolder, marker } = this.#request;
    // Not the copy of the session's own process, which makes checkpoints at the same time.
    return { name, sessionFolder: `fleet:${worktree}`, cacheFolder, workplace: worktree, marker };
  }

  /** Sees what the remote has. */
  async #look(): Promise<void> {
    const { name, session, epoch } = this.#request;
    this.#shared = await fetchShared(this.#place, name);
    const commit = this.#shared.get(MOVING);
    if (commit === this.#last?.commit) return;
    const found = commit === undefined ? undefined : await readCheckpoint(this.#place, commit);
    if (found !== undefined && found.session !== session) throw this.#taken();
    if (found !== undefined && found.epoch > epoch) {
      throw new FencedError(`another worker pushed a checkpoint of ${name} (epoch ${found.epoch}, here ${epoch})`);
    }
    this.#last = found;
  }

  /** Makes the next checkpoint and pushes it until the remote has it. */
  async #advance(
    next: () => NextState | undefined,
    numbered: SharedRefs = new Map(),
  ): Promise<string> {
    const { name } = this.#request;
    for (let count = 1;; count++) {
      const before = this.#last;
      const { tree = await mustGit(this.#place, ["mktree"], HINT), head, checkedOut = head } = next() ?? {};
      const parents = new Set([before?.commit, head, checkedOut].filter((parent) => parent !== undefined));
      const made = this.#made({ tree, head });
      const args = ["commit-tree", tree, ...[...parents].flatMap((parent) => ["-p", parent])];
      const commit = await mustGit(this.#place, [...args, "-m", messageFor(name, made)], HINT);
      const refused = await pushShared(this.#place, { name, refs: new Map([...numbered, [MOVING, commit]]) });
      // Its answer may have been lost, or a worker before may have been faster for the last time.
      if (refused !== undefined) await this.#look();
      if (refused === undefined || this.#last?.commit === commit) {
        this.#last = { ...made, commit };
        this.#shared = new Map([...this.#shared, ...numbered, [MOVING, commit]]);
        return commit;
      }
      if (this.#last?.commit === before?.commit || count === TRIES) throw refused;
    }
  }

  #made({ tree, head }: Pick<FleetCheckpoint, "tree" | "head">): Omit<FleetCheckpoint, "commit"> {
    const { session, epoch } = this.#request;
    return { tree, head, session, epoch };
  }

  #taken(): SamocodeError {
    const { name, repo } = this.#request;
    const ref = `${CHECKPOINTS}/${name}`;
    const command = `git -C ${shellWord(repo)} push ${REMOTE} --delete ${ref}/${MOVING}`;
    return new SamocodeError("conflict", `Cannot use the name ${name}: ${ref} contains the work of another session`, {
      hint: `Choose another name. If that work is no longer needed, delete it: ${command}`,
    });
  }
}

/** The newest checkpoint that this machine knows of a session, without asking the remote. */
export async function knownCheckpoint(repo: GitPlace, name: string): Promise<FleetCheckpoint | undefined> {
  const commit = (await refsIn(repo, sharedRef(name))).get(MOVING);
  return commit === undefined ? undefined : await readCheckpoint(repo, commit);
}
