/**
 * The drivers: the only module that names `pg` and `pg-boss`, and works round their traps.
 *
 * @module
 */
import { nextTick } from "node:process";
// @ts-types="@types/pg"
import pg from "pg";
import { type Db, PgBoss } from "pg-boss";
import { SamocodeError, systemError } from "../text/errors.ts";
import type { FleetAddress, Tls } from "./address.ts";
import { explain, isCollision } from "./engine_errors.ts";

/** What pg-boss runs statements by: a pool, or one transaction. */
export type QueueAdapter = Db;

/** pg-boss, as the fleet uses it. */
export type Queue = Pick<
  PgBoss,
  "insert" | "update" | "fetch" | "touch" | "complete" | "createQueue" | "supervise" | "stop"
>;

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

/** Where no answer comes: longer than a statement may take, so that the server's own word is heard first. */
const TIMES = {
  connectionTimeoutMillis: 5_000,
  query_timeout: 15_000,
  statement_timeout: 12_000,
  // A process that is stopped in a transaction keeps its locks, such as the one that makes limits exact.
  idle_in_transaction_session_timeout: 8_000,
} as const;

/** PostgreSQL waits a second before it undoes one of two transactions that wait for each other. */
const MAX_TRIES = 5;

/** How often a connection that only listens is tried: a cable that was cut says nothing. */
const HEARTBEAT_MS = 10_000;

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

/** Starts pg-boss on a pool, without its timers: the engine itself looks for dead workers. */
export async function startQueue(
  pool: PostgresPool,
  { schema, installs = false }: { readonly schema: string; readonly installs?: boolean },
): Promise<Queue> {
  const boss = new PgBoss({
    db: pool.boss,
    schema,
    migrate: installs,
    createSchema: installs,
    schedule: false,
    supervise: false,
    monitorIntervalSeconds: 2,
    registerInstance: false,
    // These need the rights of the owner.
    reindex: false,
    monitorVacuum: false,
  });
  // An outage; who uses it next hears of it.
  boss.on("error", () => {});
  return await boss.start();
}

/** Listens on a connection of its own. `lost` is called once, unless it is disposed before. */
export async function openListener(
  address: FleetAddress,
  { channels, heard, lost }: {
    readonly channels: readonly string[];
    readonly heard: (channel: string, payload: string) => void;
    readonly lost: () => void;
  },
): Promise<AsyncDisposable> {
  const client = new SafeClient(configOf(address));
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  client.on("error", () => resolve());
  client.on("end", () => resolve());
  client.on("notification", ({ channel, payload }) => heard(channel, payload ?? ""));
  const end = (): Promise<void> => client.end().catch(() => {});
  try {
    await client.connect();
    for (const channel of channels) await client.query(`listen ${pg.escapeIdentifier(channel)}`);
  } catch (error) {
    // Not waited for: a client that never came to connect may never end under TLS on Deno 2.4.
    void end();
    throw explain(error, address);
  }
  const timer = setInterval(() => client.query("select 1").catch(() => resolve()), HEARTBEAT_MS);
  let isEnded = false;
  const endOnce = async (then: () => void): Promise<void> => {
    if (isEnded) return;
    isEnded = true;
    clearInterval(timer);
    await end();
    then();
  };
  gone.then(() => endOnce(lost));
  return { [Symbol.asyncDispose]: () => endOnce(() => {}) };
}

/** The ids of the jobs that a command changed: those whose attempt is still the one that was named. */
export function changedJobs(response: object): ReadonlySet<string> {
  const settled = "settled" in response ? response.settled : undefined;
  return new Set(Array.isArray(settled) ? settled.map(String) : []);
}

/** For a statement that cannot have parameters. */
export function quoteName(name: string): string {
  return pg.escapeIdentifier(name);
}

function configOf({ host, port, database, user, password, tls }: FleetAddress): pg.ClientConfig {
  return {
    ...{ host, port, database, user },
    // Never PGPASSWORD or .pgpass: agents have both, and whoever is a worker writes journals.
    password: password ?? noPassword,
    ssl: tls === undefined ? false : readTls(tls),
    application_name: "samocode",
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...TIMES,
  };
}

/** Called by the driver as a client's own. */
function noPassword(this: pg.Client): never {
  // Else the connection stays: the server waits for a password, and the driver has given up.
  this.connection.stream.destroy();
  throw new SamocodeError("usage", "Cannot open the fleet: the server wants a password, and SAMOCODE_FLEET has none", {
    hint: "Write it into SAMOCODE_FLEET; PGPASSWORD and .pgpass are not read, since agents have them, too",
  });
}

function readTls({ rootFile }: Tls): { readonly rejectUnauthorized: true; readonly ca?: string } {
  if (rootFile === undefined) return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: Deno.readTextFileSync(rootFile) };
  } catch (error) {
    throw systemError(`Cannot read ${rootFile}`, { error, hint: "Name the CA's certificate with sslrootcert=" });
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

/**
 * A connection that is in use has no listener of the pool's: losing it would end the program. And under TLS on Deno 2.4
 * the socket below never says "close", for which pg's end() waits, and so does a connection that is cut before it stands:
 * it would never fail, and keep its place in the pool for ever.
 */
class SafeClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on("error", () => {});
    const { connection } = this;
    connection.once("sslconnect", () => connection.stream.once("close", () => connection.emit("end")));
  }
}
