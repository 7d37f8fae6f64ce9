/**
 * Drives one session on this machine until it rests, or its lease is lost.
 *
 * @module
 */
import { statusOf } from "../operations/read_status.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { MAX_DEATHS } from "../workflow/supervision.ts";
import { ActDesk } from "./act_desk.ts";
import { FencedError, type Lease } from "./contract.ts";
import type { Engine, Transaction } from "./engine.ts";
import { HeldLease } from "./held_lease.ts";
import { type Requeue, requeue, settle, type Settlement } from "./lease.ts";
import { afterRun, restOf, wantsRun } from "./rests.ts";
import { SessionRun } from "./session_run.ts";
import { type Machine, type TakenUp, takeUp } from "./take_up.ts";

/** What a drive gets from its worker. */
export interface DriveContext {
  readonly machine: Machine;
  /** When the claim started, by {@linkcode machineMs}. */
  readonly takenAtMs: number;
  /** Consecutive failures to drive a session here, by the id of its row. */
  readonly failures: Map<string, number>;
  readonly log: (line: string) => void;
  /** Resolves when an earlier drive of the same session on this machine has ended. */
  readonly after?: Promise<void> | undefined;
}

const FIRST_PAUSE_MS = 5_000;

/** A person decided something while the session came to rest. */
class MoreActs extends Error {}

/** A session that this worker drives. */
export class Drive {
  readonly lease: Lease;
  /** Resolves when this worker is done with the session. Never rejects. */
  readonly done: Promise<void>;
  readonly #engine: Engine;
  readonly #context: DriveContext;
  readonly #held: HeldLease;
  #taken: TakenUp | undefined;
  /** The latest run, which may be over. */
  #run: SessionRun | undefined;
  /** Why the session is handed over; `undefined` while it is not. */
  #handOver: string | undefined;

  constructor(engine: Engine, lease: Lease, context: DriveContext) {
    this.lease = lease;
    this.#engine = engine;
    this.#context = context;
    this.#held = new HeldLease(context.takenAtMs);
    this.#held.lost.addEventListener("abort", () => this.#run?.end(this.#held.whyLost ?? ""));
    this.done = this.#drive();
  }

  /** Records a successful beat, which renews the lease from the time when it was sent. */
  beat(sentAtMs: number): void {
    this.#held.beat(sentAtMs);
    this.#run?.beat(sentAtMs);
  }

  /** Marks the lease as lost: ends the agent, and writes nothing more. */
  lose(why: string): void {
    this.#held.lose(why);
  }

  /** Hands the session over: after the current iteration, or at once if it only waits or `now` is set. */
  handOver(why: string, { now }: { readonly now: boolean }): void {
    this.#handOver ??= why;
    const folder = this.#taken?.folder;
    folder?.journal.refresh();
    if (now || folder?.history.rest !== undefined) this.#run?.end(why);
  }

  /** Applies the pending acts that are meant for a running session. */
  async lookAtActs(): Promise<void> {
    await this.#run?.lookAtActs();
  }

  async #drive(): Promise<void> {
    const { session } = this.lease;
    const { log, failures } = this.#context;
    using held = this.#held;
    try {
      await this.#context.after;
      using taken = await takeUp(this.#engine, this.lease, { ...this.#context, abort: held.lost });
      this.#taken = taken;
      log(`${session}: taken, epoch ${this.lease.epoch}`);
      const said = await this.#untilRest(taken);
      failures.delete(this.lease.id);
      log(`${session}: ${said}`);
    } catch (error) {
      await this.#giveUp(error);
    } finally {
      this.#taken = undefined;
    }
  }

  /** Runs the session until it comes to rest or is handed over. Returns the outcome for the log. */
  async #untilRest(taken: TakenUp): Promise<string> {
    const { folder, samocode } = taken;
    const acts = new ActDesk(this.#engine, this.lease, { held: this.#held, taken });
    let { decided } = taken;
    while (true) {
      decided = await acts.applyAll(decided);
      if (wantsRun(statusOf(folder), folder.history, { decided, now: samocode.now() })) {
        if (this.#handOver !== undefined) return await this.#again({ detail: this.#handOver });
        const run = await this.#runOnce(taken, acts);
        decided = undefined;
        const after = afterRun(folder.history, samocode.now());
        if (after.kind === "again") {
          const said = await this.#unlessDecided(acts, (before) => this.#again({ ...after, before }));
          if (said !== undefined) return said;
          continue;
        }
        if (after.kind === "gives up") {
          const { message } = await run.failure() ?? {};
          return await this.#fail(`Its process died ${after.deaths} times in a row: ${message}`);
        }
        continue;
      }
      const rest = restOf(statusOf(folder), decided);
      if (await this.#settle(rest, acts)) return `${rest.state}${rest.detail && `: ${rest.detail}`}`;
    }
  }

  async #runOnce(taken: TakenUp, acts: ActDesk): Promise<SessionRun> {
    const run = new SessionRun({
      ...{ taken, acts, held: this.#held },
      isFresh: this.#run === undefined && taken.isFresh,
      handOver: () => this.#handOver,
    });
    this.#run = run;
    await run.untilEnd();
    return run;
  }

  /** @returns `false` if a person decided something meanwhile. */
  async #settle(rest: Settlement, acts: ActDesk): Promise<boolean> {
    const settled = await this.#unlessDecided(acts, async (before) => {
      await this.#held.persist(() => settle(this.#engine, this.lease, { ...rest, before }));
      return true;
    });
    return settled === true;
  }

  /** Ends the lease with what `end` records. Returns `undefined` if people decided something meanwhile. */
  async #unlessDecided<Result>(
    acts: ActDesk,
    end: (before: (transaction: Transaction) => Promise<void>) => Promise<Result>,
  ): Promise<Result | undefined> {
    try {
      return await end(async (transaction) => {
        if (await acts.hasWaiting(transaction)) throw new MoreActs();
      });
    } catch (error) {
      if (error instanceof MoreActs) return undefined;
      throw error;
    }
  }

  async #again(how: Requeue): Promise<string> {
    await this.#held.persist(() => requeue(this.#engine, this.lease, how));
    return how.notBefore === undefined ? how.detail : `${how.detail} (${how.notBefore.toISOString()})`;
  }

  async #fail(detail: string): Promise<string> {
    await this.#held.persist(() => settle(this.#engine, this.lease, { state: "failed", detail }));
    return `failed: ${detail}`;
  }

  /** Ends the run and requeues the session, or leaves it to a person if another attempt would not help. */
  async #giveUp(error: unknown): Promise<void> {
    const { log, failures } = this.#context;
    const { id, session } = this.lease;
    if (error instanceof FencedError) this.lose(error.message);
    this.#run?.end(this.#held.whyLost ?? messageOf(error));
    await this.#run?.exited();
    const { whyLost } = this.#held;
    if (whyLost !== undefined) return log(`${session}: lost: ${whyLost}`);
    const count = (failures.get(id) ?? 0) + 1;
    failures.set(id, count);
    const hint = error instanceof SamocodeError ? `. ${error.hint}` : "";
    const detail = messageOf(error) + hint;
    const mayPass = !(error instanceof SamocodeError) || error.code === "system";
    try {
      if (!mayPass || count >= MAX_DEATHS) return log(`${session}: ${await this.#fail(detail)}`);
      const notBefore = new Date(Date.now() + FIRST_PAUSE_MS * 2 ** (count - 1));
      log(`${session}: ${await this.#again({ detail, notBefore })}`);
    } catch (error) {
      log(`${session}: lost: ${messageOf(error)}`);
    }
  }
}
