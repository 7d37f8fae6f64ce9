/**
 * Finds workers that beat no more, so that others take what they drove. Every worker looks; the more there are, the less
 * often each does.
 *
 * @module
 */
import type { Queue } from "./boss.ts";
import type { PostgresPool } from "./postgres_pool.ts";
import { QUEUE_SCHEMA, SCHEMA, WANTED } from "./schema.ts";

/** Together they look about every half of it, and never more than twenty times a second. */
const INTERVAL_MS = 2_000;
const MS_FOR_EACH_WORKER = 50;

/** Looks until it is disposed. */
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
    // Not in step: workers that were started together would all look at once.
    const pause = Math.max(INTERVAL_MS, this.#workers * MS_FOR_EACH_WORKER) * (0.5 + Math.random());
    this.#timer = setTimeout(() => {
      // An outage: the next look may succeed.
      this.#looking = this.#look().catch(() => {}).finally(() => this.#lookLater());
    }, pause);
  }

  async #look(): Promise<void> {
    await this.#queue.supervise();
    // Those whose jobs were given back are nobody's: whoever is free takes them.
    const { rows } = await this.#pool.query(
      `select (select count(*)::int from ${SCHEMA}.worker where seen_at > now() - interval '1 minute') as workers,
        (select pg_notify('${WANTED}', '') from ${QUEUE_SCHEMA}.job where state = 'retry' and start_after <= now() limit 1)`,
    );
    const workers = rows[0]?.["workers"];
    if (typeof workers === "number") this.#workers = workers;
  }
}
