/**
 * Drives one session on this machine until it rests, or its lease is lost.
 *
 * @module
 */
import { statusOf } from "../operations/read_status.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { pause } from "../system/pause.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { MAX_DEATHS } from "../workflow/supervision.ts";
import { applyAct, isForRun, recordOutcome, type WaitingAct, waitingActs } from "./apply_acts.ts";
import { FencedError, type FromSession, type Lease, LEASE_MS } from "./contract.ts";
import type { Engine } from "./engine.ts";
import { requeue, settle } from "./lease.ts";
import { afterRun, type Decided, decidedBy, restOf, wantsRun } from "./rests.ts";
import { SessionChild } from "./session_child.ts";
import { endedByFleet, machineMs } from "./session_lines.ts";
import { LONG_WAIT_MS } from "./session_process.ts";
import type { Alongside } from "./shipper.ts";
import { runSetup } from "./setup_command.ts";
import { type Machine, type TakenUp, takeUp } from "./take_up.ts";
import { watchHead } from "./watch_head.ts";

/** What a session shares with the others of its worker. */
export interface DriveContext {
  readonly machine: Machine;
  /** When the claim was begun, by {@linkcode machineMs}. */
  readonly takenAtMs: number;
  /** How often each session, by its row, could not be driven here in a row. */
  readonly failures: Map<string, number>;
  readonly log: (line: string) => void;
  /** Until then, an earlier lease of the session is not over here. */
  readonly after?: Promise<void> | undefined;
}

/** An agent's actions come many in a second. */
const SHIP_EVERY_MS = 250;
const SAFETY_LOOK_MS = 10_000;
const RETRY_MS = 1_000;

/** How long git or the engine may refuse what a session waits for. The lease of an engine out of reach ends long before. */
const PATIENCE_MS = 600_000;

/** A job ends after 24 hours, whatever goes on. */
const LONGEST_LEASE_MS = 20 * 3_600_000;

/** How often a parent looks at its own beats: at once after a sleep. */
const LOOK_MS = 500;

const FIRST_PAUSE_MS = 5_000;

/** Somebody decided something while the session came to rest. */
class MoreActs extends Error {}

/** A session that this worker drives. */
export class Drive {
  readonly lease: Lease;
  /** Resolves when nothing of it is left to do here. Never rejects. */
  readonly done: Promise<void>;
  readonly #engine: Engine;
  readonly #context: DriveContext;
  readonly #lost = new AbortController();
  readonly #beats: ReturnType<typeof setInterval>;
  #beatMs: number;
  #child: SessionChild | undefined;
  #taken: TakenUp | undefined;
  /** Why another worker is to go on with it. */
  #handOver: string | undefined;
  /** Why its process was ended, if that was nobody's decision. */
  #failure: unknown;
  /** One that applies acts, and one that waits to. */
  #looks = 0;
  #turn: Promise<unknown> = Promise.resolve();
  /** Whether somebody may have decided something before the session ran. */
  #isMissed = false;
  /** Whether its worktree was made here, and not made ready yet. */
  #isFresh = false;
  /** Whether what its journal tells of is in git, too. */
  #isKept = false;

  constructor(engine: Engine, lease: Lease, context: DriveContext) {
    this.lease = lease;
    this.#engine = engine;
    this.#context = context;
    this.#beatMs = context.takenAtMs;
    this.#beats = setInterval(() => this.#look(), LOOK_MS);
    this.done = this.#drive();
  }

  /** The lease was renewed by a beat that was sent then. */
  beat(sentAtMs: number): void {
    this.#beatMs = Math.max(this.#beatMs, sentAtMs);
    this.#child?.beat(sentAtMs);
  }

  /** The lease is lost: ends the agent, and writes nothing more. */
  lose(why: string): void {
    if (this.#lost.signal.aborted) return;
    this.#lost.abort(why);
    this.#child?.end(endedByFleet(why));
  }

  /** Gives the session back: after the iteration, or at once, where it only waits or there is no time. */
  handOver(why: string, { now }: { readonly now: boolean }): void {
    this.#handOver ??= why;
    const folder = this.#taken?.folder;
    folder?.journal.refresh();
    if (now || folder?.history.rest !== undefined) this.#child?.end(endedByFleet(why));
  }

  /** Applies what people decided, as far as it concerns a run that goes on. */
  async lookAtActs(): Promise<void> {
    const taken = this.#taken;
    if (taken === undefined || this.#looks >= 2) return;
    this.#looks++;
    try {
      await this.#inTurn(async () => {
        this.#isMissed = this.#child?.holds(taken.folder) !== true;
        if (this.#isMissed) return;
        await this.#apply(taken, { isDue: isForRun, decided: undefined });
      });
    } catch (error) {
      this.#passOver(error);
    } finally {
      this.#looks--;
    }
  }

  /** An act that two looks see at the same time would be applied twice. */
  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #look(): void {
    if (machineMs() - this.#beatMs > LEASE_MS.surrender) this.lose("no beat got through in time");
  }

  async #drive(): Promise<void> {
    const { session } = this.lease;
    const { log, failures } = this.#context;
    try {
      await this.#context.after;
      using taken = await takeUp(this.#engine, this.lease, { ...this.#context, abort: this.#lost.signal });
      this.#taken = taken;
      this.#isFresh = taken.isFresh;
      log(`${session}: taken, epoch ${this.lease.epoch}`);
      const said = await this.#untilRest(taken);
      failures.delete(this.lease.id);
      log(`${session}: ${said}`);
    } catch (error) {
      await this.#giveUp(error);
    } finally {
      this.#taken = undefined;
      clearInterval(this.#beats);
    }
  }

  /** Runs the session as often as it is to run. Returns what became of it. */
  async #untilRest(taken: TakenUp): Promise<string> {
    const { folder, samocode } = taken;
    let { decided } = taken;
    while (true) {
      const before = decided;
      decided = await this.#inTurn(() => this.#apply(taken, { isDue: () => true, decided: before }));
      if (wantsRun(statusOf(folder), folder.history, { decided, now: samocode.now() })) {
        if (this.#handOver !== undefined) return await this.#again({ detail: this.#handOver, notBefore: undefined });
        const { lastSeq } = folder.history;
        await this.#run(taken);
        decided = undefined;
        folder.journal.refresh();
        if (this.#failure !== undefined) throw this.#failure;
        if (folder.history.lastSeq === lastSeq) throw await this.#child?.failure(folder.name);
        await this.#keep(taken);
        const after = afterRun(folder.history, samocode.now());
        if (after.kind === "again") return await this.#again(after);
        if (after.kind === "gives up") {
          const { message } = await this.#child?.failure(folder.name) ?? {};
          const detail = `Its process died ${after.deaths} times in a row: ${message}`;
          await this.#persist(() => settle(this.#engine, this.lease, { state: "failed", detail }));
          return detail;
        }
        continue;
      }
      const rest = restOf(statusOf(folder), decided);
      if (await this.#settle(rest)) return `${rest.state}${rest.detail && `: ${rest.detail}`}`;
    }
  }

  /** One run, in a process of its own. */
  async #run(taken: TakenUp): Promise<void> {
    const { folder, samocode } = taken;
    const { workplace } = folder.history;
    this.#isKept = workplace !== undefined;
    if (this.#isFresh && workplace !== undefined) await this.#setUp(taken, workplace.path);
    this.#lost.signal.throwIfAborted();
    let hasEnded = false;
    let asked: Promise<void> = Promise.resolve();
    const child = await SessionChild.start(samocode, folder, (barrier) => {
      asked = asked.then(() => this.#atBarrier(taken, barrier));
    });
    this.#child = child;
    this.#isMissed = true;
    child.beat(this.#beatMs);
    // It may have been lost while the process started.
    if (this.#lost.signal.aborted) child.end(endedByFleet(String(this.#lost.signal.reason)));
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
      // Nobody could go on with a worktree that no remote has.
      if (path === undefined || !this.#isKept) continue;
      if (watched === undefined && lstatIfExists(path) !== undefined) {
        commits.use(watchHead(path, () => this.#push(taken).catch((error) => this.#passOver(error))));
        watched = path;
      }
      await taken.shipper.ship().catch((error) => this.#passOver(error));
      if (this.#isMissed) await this.lookAtActs();
      await Promise.race([gone, pause(SHIP_EVERY_MS, this.#lost.signal)]);
    }
    await asked;
    if (this.#lost.signal.aborted) throw new FencedError(String(this.#lost.signal.reason));
  }

  async #atBarrier(taken: TakenUp, { barrier, type }: FromSession): Promise<void> {
    const { folder, shipper } = taken;
    try {
      folder.journal.refresh();
      // Made ready before anything works in it.
      if (type === "session.prepared") await this.#setUp(taken, folder.history.workplace?.path);
      await this.#keep(taken);
      this.#isKept = true;
      if (shipper.shipped < barrier) throw new Error(`event ${barrier} is not in the journal`);
      const why = this.#whyNotOn(taken, type);
      if (why === undefined) this.#child?.passed(barrier);
      else this.#child?.end(endedByFleet(why));
    } catch (error) {
      this.#passOver(error);
      this.#failure ??= error;
      this.#child?.end(endedByFleet(messageOf(error)));
    }
  }

  #whyNotOn({ folder, samocode }: TakenUp, type: string): string | undefined {
    if (type === "iteration.retried") {
      const { rest } = folder.history;
      const leftMs = (rest?.endsAtMs ?? 0) - samocode.now().getTime();
      return leftMs > LONG_WAIT_MS ? "a usage limit has to end first" : undefined;
    }
    if (type !== "iteration.started") return undefined;
    const ageMs = machineMs() - this.#context.takenAtMs;
    return this.#handOver ?? (ageMs > LONGEST_LEASE_MS ? "its lease is 20 hours old" : undefined);
  }

  async #setUp({ samocode, row, folder }: TakenUp, worktree: string | undefined): Promise<void> {
    if (worktree === undefined) return;
    await runSetup(samocode, {
      project: row.project.name,
      session: folder.layout.name,
      worktree,
      sessionFolder: folder.layout.folder,
      marker: crypto.randomUUID(),
      abort: this.#lost.signal,
    });
    this.#isFresh = false;
  }

  /** Brings everything to where others find it: first the work, then the record that tells of it. */
  async #keep(taken: TakenUp): Promise<void> {
    await this.#persist(() => this.#push(taken));
    await this.#persist(() => taken.shipper.ship());
  }

  async #push({ folder, checkpoints }: TakenUp): Promise<void> {
    folder.journal.refresh();
    const { path, branch } = folder.history.workplace ?? {};
    if (path === undefined || branch === undefined || lstatIfExists(path) === undefined) return;
    await checkpoints.push({ worktree: path, branch });
  }

  /** Applies acts that wait. Returns what is decided then. */
  async #apply({ samocode, folder, shipper }: TakenUp, { isDue, decided }: {
    readonly isDue: (act: WaitingAct) => boolean;
    readonly decided: Decided;
  }): Promise<Decided> {
    let now = decided;
    for (const waiting of await this.#persist(() => waitingActs(this.#engine, this.lease))) {
      if (!isDue(waiting)) continue;
      await shipper.alongside(async () => {
        const outcome = await applyAct(samocode, folder, waiting);
        now = decidedBy(now, waiting.act, outcome);
        folder.journal.refresh();
        const work: Alongside["work"] = (transaction) =>
          recordOutcome(transaction, this.lease, { id: waiting.id, outcome });
        return { seq: folder.history.lastSeq, work };
      });
      await this.#persist(() => shipper.ship());
    }
    return now;
  }

  /** @returns Whether it rests now; people may have decided something meanwhile. */
  async #settle(rest: ReturnType<typeof restOf>): Promise<boolean> {
    const before: Parameters<typeof settle>[2]["before"] = async (transaction) => {
      if ((await waitingActs(transaction, this.lease)).length > 0) throw new MoreActs();
    };
    try {
      await this.#persist(() => settle(this.#engine, this.lease, { ...rest, before }));
      return true;
    } catch (error) {
      if (error instanceof MoreActs) return false;
      throw error;
    }
  }

  async #again(how: Parameters<typeof requeue>[2]): Promise<string> {
    await this.#persist(() => requeue(this.#engine, this.lease, how));
    return how.notBefore === undefined ? how.detail : `${how.detail} (${how.notBefore.toISOString()})`;
  }

  /** Repeats what an outage foils, as long as the lease is held. */
  async #persist<Result>(act: () => Promise<Result>): Promise<Result> {
    const begun = machineMs();
    while (true) {
      if (this.#lost.signal.aborted) throw new FencedError(String(this.#lost.signal.reason));
      try {
        return await act();
      } catch (error) {
        const mayPass = error instanceof SamocodeError && error.code === "system";
        if (!mayPass || machineMs() - begun > PATIENCE_MS) throw error;
        await pause(RETRY_MS, this.#lost.signal);
      }
    }
  }

  /** What fails beside a run holds nothing up, unless it means that the lease is lost. */
  #passOver(error: unknown): void {
    if (error instanceof FencedError) this.lose(error.message);
    else if (!(error instanceof SamocodeError)) this.#failure ??= error;
  }

  /** Ends what was begun, and leaves the session to another attempt or, if that is no use, to a person. */
  async #giveUp(error: unknown): Promise<void> {
    const { log, failures } = this.#context;
    const { id, session } = this.lease;
    if (error instanceof FencedError) this.lose(error.message);
    const reason = this.#lost.signal.aborted ? String(this.#lost.signal.reason) : messageOf(error);
    this.#child?.end(endedByFleet(reason));
    await this.#child?.exited();
    if (this.#lost.signal.aborted) return log(`${session}: lost: ${reason}`);
    const count = (failures.get(id) ?? 0) + 1;
    failures.set(id, count);
    const hint = error instanceof SamocodeError ? `. ${error.hint}` : "";
    const mayPass = !(error instanceof SamocodeError) || error.code === "system";
    try {
      if (mayPass && count < MAX_DEATHS) {
        const notBefore = new Date(Date.now() + FIRST_PAUSE_MS * 2 ** (count - 1));
        log(`${session}: ${await this.#again({ detail: reason + hint, notBefore })}`);
      } else {
        await this.#persist(() => settle(this.#engine, this.lease, { state: "failed", detail: reason + hint }));
        log(`${session}: failed: ${reason + hint}`);
      }
    } catch (error) {
      log(`${session}: lost: ${messageOf(error)}`);
    }
  }
}
