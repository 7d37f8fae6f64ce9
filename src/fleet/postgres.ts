/**
 * Connections to PostgreSQL: how they are made, and what the driver's traps need.
 *
 * @module
 */
// @ts-types="@types/pg"
import pg from "pg";
import { SamocodeError, systemError } from "../text/errors.ts";
import type { FleetAddress, Tls } from "./address.ts";
import { explain } from "./engine_errors.ts";

/** Where no answer comes: longer than a statement may take, so that the server's own word is heard first. */
const TIMES = {
  connectionTimeoutMillis: 5_000,
  query_timeout: 15_000,
  statement_timeout: 12_000,
  // A process that is stopped in a transaction keeps its locks, such as the one that makes limits exact.
  idle_in_transaction_session_timeout: 8_000,
} as const;

/** How often a connection that only listens is tried: a cable that was cut says nothing. */
const HEARTBEAT_MS = 10_000;

/** What a connection is made with. */
export function configOf({ host, port, database, user, password, tls }: FleetAddress): pg.ClientConfig {
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
 * A connection that is in use has no listener of the pool's: losing it would end the program. And under TLS on Deno 2.4
 * the socket below never says "close", for which pg's end() waits, and so does a connection that is cut before it stands:
 * it would never fail, and keep its place in the pool for ever.
 */
export class SafeClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on("error", () => {});
    const { connection } = this;
    connection.once("sslconnect", () => connection.stream.once("close", () => connection.emit("end")));
  }
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

/** For a statement that cannot have parameters. */
export function quoteName(name: string): string {
  return pg.escapeIdentifier(name);
}
