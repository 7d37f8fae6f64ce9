/**
 * One run of a session on this machine: its process, and the shipping of its journal, files and commits.
 *
 * @module
 */
import { FileWatch } from "../system/files/file_watch.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { pause } from "../system/pause.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import type { ActDesk } from "./act_desk.ts";
import { FencedError, type FromSession } from "./contract.ts";
import type { HeldLease } from "./held_lease.ts";
import { SessionChild } from "./session_child.ts";
import { whyHandOver } from "./rests.ts";
import { endedByFleet } from "./session_lines.ts";
import { runSetup } from "./setup_command.ts";
import type { TakenUp } from "./take_up.ts";
import { watchHead } from "./watch_head.ts";

/** What a run needs from the drive of its session. */
export interface RunContext {
  readonly taken: TakenUp;
  readonly held: HeldLease;
  readonly acts: ActDesk;
  /** Whether its worktree was just created here and still needs the setup command. */
  readonly isFresh: boolean;
  /** Returns why to hand the session over; `undefined` to keep it. */
  readonly handOver: () => string | undefined;
}

/** Minimum time between two shipments: an agent may act many times a second. */
const SHIP_EVERY_MS = 250;
const SAFETY_LOOK_MS = 10_000;

/** A run of a session. */
export class SessionRun {
  readonly #context: RunContext;
  #child: SessionChild | undefined;
  /** The first error that makes the run fail. */
  #failure: unknown;
  /** Calls of `lookAtActs` in progress: at most one that applies acts and one that waits. */
  #looks = 0;
  /** Whether acts may be pending that came before the process held the session's lock. */
  #isMissed = true;
  /** Whether git already has the worktree that the journal refers to. */
  #isKept: boolean;

  constructor(context: RunContext) {
    this.#context = context;
    this.#isKept = context.taken.folder.history.workplace !== undefined;
  }

  /**
   * Runs the session, and stores what it did.
   *
   * @throws {FencedError} If the lease was lost.
   * @throws If its process could not start, or its work could not be stored.
   */
  async untilEnd(): Promise<void> {
    const { taken: { folder }, held, isFresh } = this.#context;
    const { lastSeq, workplace } = folder.history;
    if (isFresh) await this.#setUp(workplace?.path);
    held.check();
    const child = await this.#runChild();
    held.check();
    folder.journal.refresh();
    if (this.#failure !== undefined) throw this.#failure;
    if (folder.history.lastSeq === lastSeq) throw await child.failure(folder.name);
    await this.#keep();
  }

  /** Tells the process that the lease was renewed at this time. */
  beat(atMs: number): void {
    this.#child?.beat(atMs);
  }

  /** Ends its agent. */
  end(why: string): void {
    this.#child?.end(endedByFleet(why));
  }

  /** Resolves when its process has exited. */
  async exited(): Promise<void> {
    await this.#child?.exited();
  }

  /** Why its process failed, from its own error output. */
  async failure(): Promise<SamocodeError | undefined> {
    return await this.#child?.failure(this.#context.taken.folder.name);
  }

  /** Applies the pending acts that are meant for a running session. */
  async lookAtActs(): Promise<void> {
    if (this.#looks >= 2) return;
    const { acts, taken: { folder } } = this.#context;
    this.#looks++;
    try {
      this.#isMissed = !await acts.applyWhile(() => this.#child?.holds(folder) === true);
    } catch (error) {
      this.#passOver(error);
    } finally {
      this.#looks--;
    }
  }

  async #runChild(): Promise<SessionChild> {
    const { taken: { samocode, folder }, held } = this.#context;
    let asked: Promise<void> = Promise.resolve();
    const child = await SessionChild.start(samocode, folder, (barrier) => {
      asked = asked.then(() => this.#atBarrier(barrier));
    });
    this.#child = child;
    child.beat(held.beatMs);
    // The lease may have been lost while the process started.
    if (held.whyLost !== undefined) this.end(held.whyLost);
    await this.#shipUntilExit(child);
    await asked;
    return child;
  }

  async #shipUntilExit(child: SessionChild): Promise<void> {
    const { taken: { folder, shipper }, held } = this.#context;
    let hasEnded = false;
    using watch = new FileWatch(folder.layout.journal);
    const gone = child.exited().then(() => {
      hasEnded = true;
      watch.wake();
    });
    using commits = new DisposableStack();
    let watched: string | undefined;
    while (!hasEnded) {
      await watch.changed(SAFETY_LOOK_MS);
      const path = folder.history.workplace?.path;
      // Ship nothing yet: no other worker could continue with a worktree that the remote does not have.
      if (path === undefined || !this.#isKept) continue;
      if (watched === undefined && lstatIfExists(path) !== undefined) {
        commits.use(watchHead(path, () => this.#push().catch((error) => this.#passOver(error))));
        watched = path;
      }
      await shipper.ship().catch((error) => this.#passOver(error));
      if (this.#isMissed) await this.lookAtActs();
      await Promise.race([gone, pause(SHIP_EVERY_MS, held.lost)]);
    }
  }

  async #atBarrier({ barrier, type }: FromSession): Promise<void> {
    const { folder, shipper } = this.#context.taken;
    try {
      folder.journal.refresh();
      // Set up the worktree before anything runs in it.
      if (type === "session.prepared") await this.#setUp(folder.history.workplace?.path);
      await this.#keep();
      this.#isKept = true;
      if (shipper.shipped < barrier) throw new Error(`event ${barrier} is not in the journal`);
      const { taken: { samocode }, held, handOver } = this.#context;
      const { history } = folder;
      const why = whyHandOver(type, { history, now: samocode.now(), leaseMs: held.ageMs, asked: handOver() });
      if (why === undefined) this.#child?.passed(barrier);
      else this.end(why);
    } catch (error) {
      this.#passOver(error);
      this.#failure ??= error;
      this.end(messageOf(error));
    }
  }

  async #setUp(worktree: string | undefined): Promise<void> {
    if (worktree === undefined) return;
    const { taken: { samocode, row, folder }, held } = this.#context;
    await runSetup(samocode, {
      project: row.project.name,
      session: folder.layout.name,
      worktree,
      sessionFolder: folder.layout.folder,
      marker: crypto.randomUUID(),
      abort: held.lost,
    });
  }

  /** Stores everything where other workers find it: first the work in git, then the journal that refers to it. */
  async #keep(): Promise<void> {
    const { taken: { shipper }, held } = this.#context;
    await held.persist(() => this.#push());
    await held.persist(() => shipper.ship());
  }

  async #push(): Promise<void> {
    const { folder, checkpoints } = this.#context.taken;
    folder.journal.refresh();
    const { path, branch } = folder.history.workplace ?? {};
    if (path === undefined || branch === undefined || lstatIfExists(path) === undefined) return;
    await checkpoints.push({ worktree: path, branch });
  }

  /**
   * Handles an error in work beside the run: a lost lease ends the run, a bug fails it at its end, others are ignored.
   */
  #passOver(error: unknown): void {
    if (error instanceof FencedError) this.#context.held.lose(error.message);
    else if (!(error instanceof SamocodeError)) this.#failure ??= error;
  }
}
