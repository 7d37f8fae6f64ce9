/**
 * Sets up a fleet in a database. Idempotent: creates what is missing and renews the rights.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import { type Environment, readFleetAddress } from "./address.ts";
import { schemaVersion } from "./engine.ts";
import { hasCode } from "./engine_errors.ts";
import { startQueue } from "./boss.ts";
import { PostgresPool } from "./postgres_pool.ts";
import { createGroups, RIGHTS } from "./roles.ts";
import { QUEUE_SCHEMA, SCHEMA, SCHEMA_VERSION, TABLES } from "./schema.ts";

/** The result. */
export interface InitReport {
  readonly kind: "made" | "renewed";
  readonly version: number;
  /** The address without its password. */
  readonly shown: string;
}

/**
 * Creates the schemas, the groups of roles and their rights; keeps what exists.
 *
 * @throws {SamocodeError} If the schema is newer than this program, or your role lacks the rights.
 */
export async function initFleet(env: Environment): Promise<InitReport> {
  const address = readFleetAddress(env);
  await using pool = new PostgresPool(address, { maxConnections: 2 });
  const found = await schemaVersion(pool);
  if (found !== undefined && found > SCHEMA_VERSION) {
    throw new SamocodeError("usage", `Cannot set up the fleet at ${address.shown}: its schema version is ${found}`, {
      hint: `This samocode only knows version ${SCHEMA_VERSION}: update it on this machine`,
    });
  }
  try {
    const queue = await startQueue(pool, { schema: QUEUE_SCHEMA, installs: true });
    await queue.stop({ close: false, graceful: false });
    await pool.transaction(async (transaction) => {
      // Two at the same time would both find no schema.
      await transaction.query("select pg_advisory_xact_lock(hashtext($1))", [`${SCHEMA}.init`]);
      await createGroups(transaction);
      if (await schemaVersion(pool) === undefined) {
        await transaction.query(TABLES);
        await transaction.query(`insert into ${SCHEMA}.about (version) values ($1)`, [SCHEMA_VERSION]);
      }
      for (const statement of RIGHTS) await transaction.query(statement);
    });
  } catch (error) {
    if (!hasCode(error, "42501") || error instanceof SamocodeError && error.hint.includes("administrator")) throw error;
    throw new SamocodeError("usage", `Cannot set up the fleet at ${address.shown}: your role may not create schemas`, {
      hint: "Run samocode fleet init as the owner of the database",
      cause: error,
    });
  }
  return { kind: found === undefined ? "made" : "renewed", version: SCHEMA_VERSION, shown: address.shown };
}
