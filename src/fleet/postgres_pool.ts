/**
 * The connection pool of a process: runs statements and transactions.
 *
 * @module
 */
import { nextTick } from "node:process";
// @ts-types="@types/pg"
import pg from "pg";
import type { Db } from "pg-boss";
import type { FleetAddress } from "./address.ts";
import { explain, isCollision } from "./engine_errors.ts";
import { configOf, SafeClient } from "./postgres.ts";

/** How pg-boss runs its statements: on the pool, or in one transaction. */
export type QueueAdapter = Db;

/** The result of a statement. */
export interface Rows {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Number of rows returned or changed. */
  readonly count: number;
}

/**
 * One transaction, rolled back if its work throws. Statements that are not awaited one by one are pipelined: the server
 * runs them in order within one round trip, so locks are held for less time.
 */
export interface Transaction {
  query(text: string, values?: readonly unknown[]): Promise<Rows>;
  /** Runs the last statement and commits in the same round trip. Nothing may follow. */
  commit(text: string, values?: readonly unknown[]): Promise<Rows>;
  /** Runs pg-boss's statements in this transaction. */
  readonly boss: QueueAdapter;
}

/** Attempts at a transaction that collides with others. PostgreSQL takes a second to detect a deadlock. */
const MAX_TRIES = 5;

/** A connection pool. */
export class PostgresPool implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #address: FleetAddress;
  #ending: Promise<void> | undefined;

  constructor(address: FleetAddress, { maxConnections }: { readonly maxConnections: number }) {
    this.#address = address;
    this.#pool = new pg.Pool({
      ...configOf(address),
      max: maxConnections,
      idleTimeoutMillis: 60_000,
      pipeline: true,
      Client: SafeClient,
    });
    // Ignore idle connections that the server closed: the next statement opens a new one.
    this.#pool.on("error", () => {});
  }

  /** Runs pg-boss's statements on any connection. */
  get boss(): QueueAdapter {
    return {
      executeSql: async (text, values) => {
        try {
          return await this.#pool.query(statement(text, values));
        } catch (error) {
          throw explain(error, this.#address);
        }
      },
    };
  }

  /** Runs one statement. @throws {EngineOutage} If the engine is out of reach. */
  async query(text: string, values: readonly unknown[] = []): Promise<Rows> {
    try {
      return rowsOf(await this.#pool.query(statement(text, values)));
    } catch (error) {
      throw explain(error, this.#address);
    }
  }

  /**
   * Runs statements in one transaction. If `work` throws, it is rolled back and the error is rethrown. After a
   * deadlock, as between a claim and a request for the same session, it is retried, so `work` may be called several
   * times.
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let tries = 1;; tries++) {
      try {
        return await this.#tryOnce(work);
      } catch (error) {
        if (tries === MAX_TRIES || !isCollision(error)) throw explain(error, this.#address);
      }
    }
  }

  async #tryOnce<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let isWhole = false;
    try {
      const send = (query: pg.QueryConfig): Promise<pg.QueryResult> => {
        sendTogether(client);
        return client.query(query);
      };
      // Not awaited: sent together with the first statement.
      const begun = send({ text: "begin" });
      begun.catch(() => {});
      let isCommitted = false;
      const query: Transaction["query"] = async (text, values) => {
        const [rows] = await Promise.all([send(statement(text, values)), begun]);
        return rowsOf(rows);
      };
      const result = await work({
        query,
        commit: async (text, values) => {
          isCommitted = true;
          const [rows] = await Promise.all([query(text, values), send({ text: "commit" })]);
          return rows;
        },
        // pg-boss puts queue names into the text: name its statements even without values, to plan them once as well.
        boss: { executeSql: (text, values = []) => send(named(text, values)) },
      });
      if (!isCommitted) await Promise.all([begun, send({ text: "commit" })]);
      isWhole = true;
      return result;
    } catch (error) {
      isWhole = await isUndone(client);
      throw error;
    } finally {
      client.release(!isWhole);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#ending ??= this.#pool.end());
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw explain(error, this.#address);
    }
  }
}

/** Sends everything queued in this tick as one write: each write is encrypted separately and wakes the server. */
function sendTogether({ connection: { stream } }: pg.PoolClient): void {
  stream.cork();
  nextTick(() => stream.uncork());
}

function named(text: string, values: readonly unknown[]): pg.QueryConfig {
  const name = nameOf(text);
  return { text, values: [...values], ...(name === undefined ? {} : { name }) };
}

/** A statement. With values, it is planned once per connection: planning takes longer than running most of them. */
function statement(text: string, values: readonly unknown[] = []): pg.QueryConfig {
  return values.length === 0 ? { text } : named(text, values);
}

/** Limit of named statements: each connection keeps their plans. A fleet has a few dozen, plus some for each queue. */
const MAX_NAMES = 400;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MAX_NAMES) return known;
  const name = `samocode_${names.size}`;
  names.set(text, name);
  return name;
}

/** Narrows pg's `any` rows to typed ones. */
function rowsOf({ rows, rowCount }: pg.QueryResult<Readonly<Record<string, unknown>>>): Rows {
  return { rows, count: rowCount ?? 0 };
}

/** Rolls back. Returns whether the connection can be used again. */
async function isUndone(client: pg.PoolClient): Promise<boolean> {
  if (client.getTransactionStatus() === null) return false;
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false;
  }
}
