/**
 * Finds workers whose heartbeats stopped, so that others take their sessions. Every worker checks; the more workers,
 * the less often each does.
 *
 * @module
 */
import type { Queue } from "./boss.ts";
import type { PostgresPool } from "./postgres_pool.ts";
import { QUEUE_SCHEMA, SCHEMA, WANTED } from "./schema.ts";

/**
 * Mean interval of a worker's checks, in milliseconds; stretched so that all workers together check at most about 20
 * times a second.
 */
const INTERVAL_MS = 2_000;
const MS_FOR_EACH_WORKER = 50;

/** Checks for dead workers until disposed. */
export class DeathWatch implements AsyncDisposable {
  readonly #pool: PostgresPool;
  readonly #queue: Queue;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isEnded = false;
  #workers = 1;

  constructor(pool: PostgresPool, queue: Queue) {
    this.#pool = pool;
    this.#queue = queue;
    this.#lookLater();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #lookLater(): void {
    if (this.#isEnded) return;
    // Add jitter: workers that start together would otherwise all check at once.
    const pause = Math.max(INTERVAL_MS, this.#workers * MS_FOR_EACH_WORKER) * (0.5 + Math.random());
    this.#timer = setTimeout(() => {
      // Ignore outages: the next check may succeed.
      this.#looking = this.#look().catch(() => {}).finally(() => this.#lookLater());
    }, pause);
  }

  async #look(): Promise<void> {
    await this.#queue.supervise();
    // Jobs that the check gave back have no worker: wake the idle ones to take them.
    const { rows } = await this.#pool.query(
      `select (select count(*)::int from ${SCHEMA}.worker where seen_at > now() - interval '1 minute') as workers,
        (select pg_notify('${WANTED}', '') from ${QUEUE_SCHEMA}.job where state = 'retry' and start_after <= now() limit 1)`,
    );
    const workers = rows[0]?.["workers"];
    if (typeof workers === "number") this.#workers = workers;
  }
}
