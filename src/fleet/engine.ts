/**
 * The engine: PostgreSQL, with pg-boss as its queue. People's processes and workers both open it; only workers use the
 * queue.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import { type Environment, fleetKey, readFleetAddress } from "./address.ts";
import { DeathWatch } from "./death_watch.ts";
import { hasCode } from "./engine_errors.ts";
import { type Heard, Notices } from "./notices.ts";
import { type Queue, startQueue } from "./boss.ts";
import { PostgresPool, type Rows, type Transaction } from "./postgres_pool.ts";
import { QUEUE_SCHEMA, SCHEMA, SCHEMA_VERSION } from "./schema.ts";

export type { Environment } from "./address.ts";
export type { Rows, Transaction } from "./postgres_pool.ts";

/** Options for opening the engine. */
export interface EngineOptions {
  /** Only a worker uses the queue and watches for dead workers. */
  readonly use: "person" | "worker";
  readonly maxConnections?: number;
}

/** A connection to the fleet. */
export class Engine implements AsyncDisposable {
  /** Tells fleets apart in folders on this machine: a short hash of host, port and database. */
  readonly key: string;
  /** The address for display: without the password. */
  readonly shown: string;
  readonly #pool: PostgresPool;
  /** A second pool for pg-boss: it looks up queues while a transaction on the first pool waits for it. */
  readonly #lane: PostgresPool | undefined;
  readonly #listen: (channels: readonly string[], heard: Heard) => Promise<AsyncDisposable>;
  readonly #queue: Queue | undefined;
  readonly #watch: DeathWatch | undefined;
  readonly #listeners = new Set<AsyncDisposable>();

  private constructor(
    { key, shown, pool, lane, queue, listen }: {
      readonly key: string;
      readonly shown: string;
      readonly pool: PostgresPool;
      readonly lane: PostgresPool | undefined;
      readonly queue: Queue | undefined;
      readonly listen: (channels: readonly string[], heard: Heard) => Promise<AsyncDisposable>;
    },
  ) {
    this.key = key;
    this.shown = shown;
    this.#pool = pool;
    this.#lane = lane;
    this.#queue = queue;
    this.#listen = listen;
    this.#watch = queue === undefined || lane === undefined ? undefined : new DeathWatch(lane, queue);
  }

  /**
   * Connects to the fleet that `SAMOCODE_FLEET` names.
   *
   * @throws {SamocodeError} If no address is set, the engine is out of reach, or its schema is missing or of another
   * version.
   */
  static async open(env: Environment, { use, maxConnections = 4 }: EngineOptions): Promise<Engine> {
    const address = readFleetAddress(env);
    const pool = new PostgresPool(address, { maxConnections });
    const lane = use === "worker" ? new PostgresPool(address, { maxConnections: 2 }) : undefined;
    try {
      await checkVersion(pool, address.shown);
      const queue = lane === undefined ? undefined : await startQueue(lane, { schema: QUEUE_SCHEMA });
      const listen = (channels: readonly string[], heard: Heard): Promise<AsyncDisposable> =>
        Notices.open(address, { channels, heard });
      return new Engine({ key: fleetKey(address), shown: address.shown, pool, lane, queue, listen });
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      await lane?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** pg-boss. @throws {Error} If the engine was opened for a person. */
  get queue(): Queue {
    if (this.#queue === undefined) throw new Error("a person's process has no queue");
    return this.#queue;
  }

  /** Runs one statement. @throws {EngineOutage} If the engine is out of reach. */
  query(text: string, values: readonly unknown[] = []): Promise<Rows> {
    return this.#pool.query(text, values);
  }

  /**
   * Runs one statement on a connection that no long transaction uses: a heartbeat must not wait for large files to
   * ship.
   */
  queryPromptly(text: string, values: readonly unknown[] = []): Promise<Rows> {
    return (this.#lane ?? this.#pool).query(text, values);
  }

  /** Runs statements in one transaction. If `work` throws, it is rolled back and the error is rethrown. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#pool.transaction(work);
  }

  /**
   * Listens on a dedicated connection that reconnects by itself. After every connect, including the first, `heard` is
   * called with two empty strings: earlier notifications are lost, so check everything.
   */
  async listen(channels: readonly string[], heard: Heard): Promise<AsyncDisposable> {
    const listener = await this.#listen(channels, heard);
    this.#listeners.add(listener);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#listeners.delete(listener);
        await listener[Symbol.asyncDispose]();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) await listener[Symbol.asyncDispose]();
    this.#listeners.clear();
    await this.#watch?.[Symbol.asyncDispose]();
    await this.#queue?.stop({ close: false, graceful: false });
    await this.#pool[Symbol.asyncDispose]();
    await this.#lane?.[Symbol.asyncDispose]();
  }
}

/** @throws {SamocodeError} If the schema is of another version, or missing. */
async function checkVersion(pool: PostgresPool, shown: string): Promise<void> {
  const version = await schemaVersion(pool);
  if (version === SCHEMA_VERSION) return;
  const what = version === undefined
    ? "it is not set up"
    : `its schema version is ${version}, but this samocode needs ${SCHEMA_VERSION}`;
  throw new SamocodeError("usage", `Cannot use the fleet at ${shown}: ${what}`, {
    hint: version !== undefined && version > SCHEMA_VERSION
      ? "Update samocode on this machine"
      : "As the fleet's owner, run: samocode fleet init",
  });
}

/** The schema's version; `undefined` if there is no schema. */
export async function schemaVersion(pool: Pick<PostgresPool, "query">): Promise<number | undefined> {
  try {
    const { rows } = await pool.query(`select version from ${SCHEMA}.about`);
    const version = rows[0]?.["version"];
    return typeof version === "number" ? version : undefined;
  } catch (error) {
    if (hasCode(error, "42P01") || hasCode(error, "3F000")) return undefined;
    throw error;
  }
}
