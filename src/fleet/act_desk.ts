/**
 * The acts that wait for a session of the fleet: reads them, has them applied one after the other, and records what came
 * of each.
 *
 * @module
 */
import { oneAtATime } from "../system/one_at_a_time.ts";
import { readAct } from "./acts.ts";
import { applyAct } from "./apply_act.ts";
import type { Act, ActOutcome, Lease } from "./contract.ts";
import type { Engine, Transaction } from "./engine.ts";
import type { HeldLease } from "./held_lease.ts";
import { type Decided, decidedBy } from "./rests.ts";
import { SCHEMA, SHIPPED } from "./schema.ts";
import type { TakenUp } from "./take_up.ts";

/** An act that waits. */
interface WaitingAct {
  readonly id: string;
  /** `undefined` if the row holds something else. */
  readonly act: Act | undefined;
  readonly by: string;
}

/** What is done while a session runs; everything else waits until it rests. */
const WHILE_RUNNING: ReadonlySet<Act["verb"]> = new Set(["guide", "stop", "raise"]);

/** Applies the acts of a session on this machine. */
export class ActDesk {
  readonly #engine: Engine;
  readonly #lease: Lease;
  readonly #held: HeldLease;
  readonly #taken: Pick<TakenUp, "samocode" | "folder" | "shipper">;
  /** An act that two looks see at the same time would be applied twice. */
  readonly #inTurn = oneAtATime();

  constructor(engine: Engine, lease: Lease, { held, taken }: {
    readonly held: HeldLease;
    readonly taken: Pick<TakenUp, "samocode" | "folder" | "shipper">;
  }) {
    this.#engine = engine;
    this.#lease = lease;
    this.#held = held;
    this.#taken = taken;
  }

  /** Applies all to a session at rest. Returns what is decided then. */
  async applyAll(decided: Decided): Promise<Decided> {
    return await this.#inTurn(() => this.#apply(decided, () => true));
  }

  /**
   * Applies those for a session that runs.
   *
   * @param isRunning Asked when its turn comes.
   * @returns `false` if it does not run.
   */
  async applyWhile(isRunning: () => boolean): Promise<boolean> {
    return await this.#inTurn(async () => {
      if (!isRunning()) return false;
      await this.#apply(undefined, ({ act }) => act === undefined || WHILE_RUNNING.has(act.verb));
      return true;
    });
  }

  /** Tells whether acts wait. */
  async hasWaiting(on: Pick<Engine, "query">): Promise<boolean> {
    return (await this.#waiting(on)).length > 0;
  }

  async #apply(decided: Decided, isDue: (act: WaitingAct) => boolean): Promise<Decided> {
    const { samocode, folder, shipper } = this.#taken;
    let now = decided;
    for (const waiting of await this.#held.persist(() => this.#waiting(this.#engine))) {
      if (!isDue(waiting)) continue;
      await shipper.alongside(async () => {
        const outcome = await applyAct(samocode, folder, waiting);
        now = decidedBy(now, waiting.act, outcome);
        folder.journal.refresh();
        return {
          seq: folder.history.lastSeq,
          work: (transaction) => this.#record(transaction, waiting.id, outcome),
        };
      });
      await this.#held.persist(() => shipper.ship());
    }
    return now;
  }

  /** The oldest first. */
  async #waiting(on: Pick<Engine, "query">): Promise<readonly WaitingAct[]> {
    const { rows } = await on.query(
      `select id::text as id, act, by, role::text as role from ${SCHEMA}.act
       where session = $1 and applied_at is null order by act.id limit 100`,
      [this.#lease.id],
    );
    return rows.map(({ id, act, by, role }) => ({ id: String(id), act: readAct(act), by: `${by} (${role})` }));
  }

  /**
   * Records what came of an act, and tells those who listen. Done with the lines that the act wrote: alone, an outage
   * between the two would have the act applied twice, or never.
   */
  async #record(transaction: Transaction, id: string, outcome: ActOutcome): Promise<void> {
    await transaction.query(
      `update ${SCHEMA}.act set applied_at = now(), outcome = $3 where id = $1 and session = $2 and applied_at is null`,
      [id, this.#lease.id, JSON.stringify(outcome)],
    );
    await transaction.query("select pg_notify($1, $2)", [SHIPPED, this.#lease.id]);
  }
}
