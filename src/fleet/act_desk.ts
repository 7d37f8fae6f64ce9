/**
 * Applies the pending acts of a fleet session one at a time, and records the outcome of each.
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
import { SCHEMA } from "./schema.ts";
import type { TakenUp } from "./take_up.ts";

/** A pending act. */
interface WaitingAct {
  readonly id: string;
  /** `undefined` if the row cannot be read as an act. */
  readonly act: Act | undefined;
  readonly by: string;
}

/** Acts that are applied while the session runs; all others wait until it is at rest. */
const WHILE_RUNNING: ReadonlySet<Act["verb"]> = new Set(["guide", "stop", "raise"]);

/** Applies the acts of a session that this machine drives. */
export class ActDesk {
  readonly #engine: Engine;
  readonly #lease: Lease;
  readonly #held: HeldLease;
  readonly #taken: Pick<TakenUp, "samocode" | "folder" | "shipper">;
  /** Serializes all passes: two at once would apply the same act twice. */
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

  /** Applies all pending acts to a session at rest. Returns the resulting decision. */
  async applyAll(decided: Decided): Promise<Decided> {
    return await this.#inTurn(() => this.#apply(decided, () => true));
  }

  /**
   * Applies the acts that are meant for a running session.
   *
   * @param isRunning Called once earlier passes are over.
   * @returns `false` if the session was not running, so nothing was applied.
   */
  async applyWhile(isRunning: () => boolean): Promise<boolean> {
    return await this.#inTurn(async () => {
      if (!isRunning()) return false;
      await this.#apply(undefined, ({ act }) => act === undefined || WHILE_RUNNING.has(act.verb));
      return true;
    });
  }

  /** Tells whether any act is pending. */
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

  /** Oldest first. */
  async #waiting(on: Pick<Engine, "query">): Promise<readonly WaitingAct[]> {
    const { rows } = await on.query(
      `select id::text as id, act, by, role::text as role from ${SCHEMA}.act
       where session = $1 and applied_at is null order by act.id limit 100`,
      [this.#lease.id],
    );
    return rows.map(({ id, act, by, role }) => ({ id: String(id), act: readAct(act), by: `${by} (${role})` }));
  }

  /**
   * Records an act's outcome. Runs in the same transaction as the journal lines that the act wrote: with two
   * transactions, an outage between them would lose the act or apply it twice.
   */
  async #record(transaction: Transaction, id: string, outcome: ActOutcome): Promise<void> {
    await transaction.query(
      `update ${SCHEMA}.act set applied_at = now(), outcome = $3 where id = $1 and session = $2 and applied_at is null`,
      [id, this.#lease.id, JSON.stringify(outcome)],
    );
  }
}
