/**
 * Connections to PostgreSQL: their settings, and workarounds for the driver.
 *
 * @module
 */
// @ts-types="@types/pg"
import pg from "pg";
import { SamocodeError, systemError } from "../text/errors.ts";
import type { FleetAddress, Tls } from "./address.ts";
import { explain } from "./engine_errors.ts";

/** `query_timeout` is longer than the server's `statement_timeout`, so that the server's own error arrives first. */
const TIMES = {
  connectionTimeoutMillis: 5_000,
  query_timeout: 15_000,
  statement_timeout: 12_000,
  // A process suspended in a transaction keeps its locks, such as the claim's, for which all workers wait.
  idle_in_transaction_session_timeout: 8_000,
} as const;

/** How often to probe a connection that only listens: a cut cable raises no error. */
const HEARTBEAT_MS = 10_000;

/** The driver's configuration for an address. */
export function configOf({ host, port, database, user, password, tls }: FleetAddress): pg.ClientConfig {
  return {
    ...{ host, port, database, user },
    // Never use PGPASSWORD or .pgpass: agents can read both, and a worker's login can write journals.
    password: password ?? noPassword,
    ssl: tls === undefined ? false : readTls(tls),
    application_name: "samocode",
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...TIMES,
  };
}

/** Called by the driver as a method of the client. */
function noPassword(this: pg.Client): never {
  // Close the connection: the server would keep waiting for a password after the driver gave up.
  this.connection.stream.destroy();
  throw new SamocodeError("usage", "Cannot open the fleet: the server wants a password, and SAMOCODE_FLEET has none", {
    hint: "Add it to SAMOCODE_FLEET; PGPASSWORD and .pgpass are not read, because agents can see them",
  });
}

function readTls({ rootFile }: Tls): { readonly rejectUnauthorized: true; readonly ca?: string } {
  if (rootFile === undefined) return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: Deno.readTextFileSync(rootFile) };
  } catch (error) {
    throw systemError(`Cannot read ${rootFile}`, {
      error,
      hint: "Set sslrootcert= to the path of your CA's certificate",
    });
  }
}

/**
 * A client that survives lost connections. The pool listens for errors only on idle clients, so losing one in use would
 * end the program. And under TLS on Deno 2.4, the underlying socket never emits "close", which pg's end() waits for,
 * and so does a connection cut during its handshake: it would never fail, and keep its place in the pool forever.
 */
export class SafeClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on("error", () => {});
    const { connection } = this;
    connection.once("sslconnect", () => connection.stream.once("close", () => connection.emit("end")));
  }
}

/** Listens on a dedicated connection. Calls `lost` once when it is lost, unless disposed first. */
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
    // Do not wait: under TLS on Deno 2.4, a client that never connected may never end.
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

/** Quotes an identifier, for statements that cannot have parameters. */
export function quoteName(name: string): string {
  return pg.escapeIdentifier(name);
}
