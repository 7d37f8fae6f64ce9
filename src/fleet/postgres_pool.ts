/**
 * The connections that a process uses by turns, and what is done on them: statements and transactions.
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

/** What pg-boss runs statements by: a pool, or one transaction. */
export type QueueAdapter = Db;

/** What a statement gave. */
export interface Rows {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** How many rows it gave or changed. */
  readonly count: number;
}

/**
 * One transaction. What is thrown in it undoes it. Statements that are not waited for one by one go to the server
 * together and are carried out in their order: they take one round trip, and whoever waits for a lock waits less.
 */
export interface Transaction {
  query(text: string, values?: readonly unknown[]): Promise<Rows>;
  /** The last statement, with the commit in the same round trip. Nothing may follow it. */
  commit(text: string, values?: readonly unknown[]): Promise<Rows>;
  /** Lets pg-boss's statements join in. */
  readonly boss: QueueAdapter;
}

/** PostgreSQL waits a second before it undoes one of two transactions that wait for each other. */
const MAX_TRIES = 5;

/** Connections that are used by turns. */
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
    // Idle connections that the server closed; the next statement makes a new one.
    this.#pool.on("error", () => {});
  }

  /** Lets pg-boss run its statements on any of them. */
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

  /** Runs one statement. @throws {EngineOutage} Where the engine is out of reach. */
  async query(text: string, values: readonly unknown[] = []): Promise<Rows> {
    try {
      return rowsOf(await this.#pool.query(statement(text, values)));
    } catch (error) {
      throw explain(error, this.#address);
    }
  }

  /**
   * Runs statements in one transaction. What is thrown in it undoes it, and is thrown on. Two that wait for each other,
   * as a claim and a wish for the same session may, are undone and done again: so `work` may be called several times.
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
      // Goes along with the first statement.
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
        // pg-boss puts the names of queues into the text: such a statement has no values, and is planned once as well.
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

/** What is sent until other work goes on makes one write: each is encrypted by itself, and wakes the server. */
function sendTogether({ connection: { stream } }: pg.PoolClient): void {
  stream.cork();
  nextTick(() => stream.uncork());
}

function named(text: string, values: readonly unknown[]): pg.QueryConfig {
  const name = nameOf(text);
  return { text, values: [...values], ...(name === undefined ? {} : { name }) };
}

/** A statement; with values it is planned once on each connection, since planning takes longer than most of them do. */
function statement(text: string, values: readonly unknown[] = []): pg.QueryConfig {
  return values.length === 0 ? { text } : named(text, values);
}

/** Each connection keeps the plans of named statements: a fleet has a few dozen, and some more for each of its queues. */
const MAX_NAMES = 400;
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MAX_NAMES) return known;
  const name = `samocode_${names.size}`;
  names.set(text, name);
  return name;
}

/** pg's own types say `any`. */
function rowsOf({ rows, rowCount }: pg.QueryResult<Readonly<Record<string, unknown>>>): Rows {
  return { rows, count: rowCount ?? 0 };
}

/** Whether a connection can be used again. */
async function isUndone(client: pg.PoolClient): Promise<boolean> {
  if (client.getTransactionStatus() === null) return false;
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false;
  }
}
