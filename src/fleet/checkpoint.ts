/**
 * Moves a worktree between machines: committed and uncommitted work, as one commit on one ref of the remote. Each
 * checkpoint has the previous one as its first parent, so a plain push is a compare-and-swap, and git itself fences an
 * overtaken worker.
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

/** Whose checkpoints they are, and who makes them. */
export interface CheckpointRequest {
  /** The project's clone on this machine. */
  readonly repo: string;
  /** As from `checkpointName()`; the session's name while it has no worktree. */
  readonly name: string;
  /** Id of the session's row: tells it apart from an earlier session of the same name. */
  readonly session: string;
  readonly epoch: number;
  /** Holds the copy of the index. */
  readonly cacheFolder: string;
  /** Set in the environment of every git process. */
  readonly marker?: string | undefined;
  /** Ends git processes, for example while they wait for the network. */
  readonly abort?: AbortSignal | undefined;
}

/** A session's work as kept on the remote. */
export interface KeptWork {
  /** The checkpoint's commit. */
  readonly commit: string;
  /** The commit that the branch points to. */
  readonly head: string;
}

/** The result of a push. */
export interface Pushed {
  /** The newest checkpoint. */
  readonly commit: string;
  /** Whether this push created it; `false` if nothing had changed. */
  readonly isNew: boolean;
  /** What the checkpoint leaves out, each with the reason. */
  readonly left: readonly string[];
}

/** Enough to push the work of one iteration over a slow line. */
const NETWORK_MS = 5 * 60_000;

/** Give up on a stalled remote sooner: below this many bytes per second, for this many seconds. */
const LOW_SPEED = { GIT_HTTP_LOW_SPEED_LIMIT: "1", GIT_HTTP_LOW_SPEED_TIME: "60" } as const;

/** The content of a checkpoint; without a worktree, it has no files and no head. */
type NextState = Pick<FleetCheckpoint, "tree" | "head"> & Partial<Pick<WorktreeState, "checkedOut">>;

/** Losing the race for a ref this often means that something else is wrong. */
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
   * Fetches the session's checkpoints and pushes a new one as this worker's claim: from then on git refuses pushes of
   * the previous worker.
   *
   * @throws {FencedError} If a worker with a later epoch already pushed.
   * @throws {SamocodeError} If the remote cannot be reached, or the name belongs to another session.
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

  /** The previous worker's work; `undefined` if the session had no worktree yet. */
  get restored(): KeptWork | undefined {
    const { commit, head } = this.#restored ?? {};
    return commit === undefined || head === undefined ? undefined : { commit, head };
  }

  /**
   * Pushes the worktree's current state, along with numbered checkpoints that the remote does not have.
   *
   * @throws {FencedError} If another worker has taken over.
   * @throws {SamocodeError} If the worktree cannot be read or the remote cannot be reached; the next push includes what
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

  /** Tells whether a worktree on this machine already equals what the remote had, and need not be restored. */
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
   * Recreates branch, worktree and index as the previous worker had them. The worktree's folder must not exist: set it
   * aside first. A branch of that name is moved.
   *
   * @throws {SamocodeError} If the folder exists, or git fails.
   */
  async restore(worktree: FleetWorktree): Promise<void> {
    if (this.#restored === undefined) throw new Error("there is no work to restore");
    const { head, tree } = this.#restored;
    await makeWorktree(this.#place, { ...worktree, head, tree });
  }

  #subject({ worktree }: FleetWorktree): CheckpointSubject {
    const { name, cacheFolder, marker } = this.#request;
    // Use another copy of the index than the session's own process, which may make checkpoints at the same time.
    return { name, sessionFolder: `fleet:${worktree}`, cacheFolder, workplace: worktree, marker };
  }

  /** Fetches what the remote has, and checks that it is ours to continue. */
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

  /** Creates the next checkpoint and retries the push until the remote has it. */
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
      // The push may have succeeded with its answer lost, or the previous worker may have pushed one last time.
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

/** The newest checkpoint of a session that this clone knows, without asking the remote. */
export async function knownCheckpoint(repo: GitPlace, name: string): Promise<FleetCheckpoint | undefined> {
  const commit = (await refsIn(repo, sharedRef(name))).get(MOVING);
  return commit === undefined ? undefined : await readCheckpoint(repo, commit);
}
