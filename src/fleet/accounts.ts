/**
 * Accounts: how many sessions of each may run at a time, and whose sessions go first.
 *
 * @module
 */
import type { Engine, Transaction } from "./engine.ts";
import { QUEUE_SCHEMA, SCHEMA } from "./schema.ts";
import { checkWord } from "./words.ts";

/** The limit of an account for which none was set. */
export const DEFAULT_LIMIT = 1;

/** An account. */
export interface Account {
  readonly name: string;
  /** 0 drains the account: running sessions go on, no new ones start. */
  readonly maxSessions: number;
  /** Added to the priority of each of its sessions. */
  readonly priority: number;
}

/** An SQL expression for an account's limit. `name` is itself an SQL expression for the account's name. */
export function limitOf(name: string): string {
  return `coalesce((select max_sessions from ${SCHEMA}.account where name = ${name}), ${DEFAULT_LIMIT})`;
}

/** Tells whether an account may run another session. Exact only in a transaction that holds the claim's lock. */
export async function hasRoom(transaction: Pick<Transaction, "query">, account: string): Promise<boolean> {
  const { rows: [row] } = await transaction.query(
    `select ${limitOf("$1")} > (
      select count(*) from ${QUEUE_SCHEMA}.job where state = 'active' and group_id = $1) as room`,
    [account],
  );
  return row?.["room"] === true;
}

/**
 * Sets an account's limit, and its priority if one is given.
 *
 * @throws {SamocodeError} If the name is not valid.
 */
export async function setLimit(
  engine: Engine,
  { name, maxSessions, priority }: Omit<Account, "priority"> & { readonly priority: number | undefined },
): Promise<Account> {
  checkWord(name, "account");
  const { rows: [row] } = await engine.query(
    `insert into ${SCHEMA}.account (name, max_sessions, priority) values ($1, $2, coalesce($3::int, 0))
    on conflict (name) do update set max_sessions = $2, priority = coalesce($3::int, ${SCHEMA}.account.priority)
    returning priority`,
    [name, maxSessions, priority ?? null],
  );
  return { name, maxSessions, priority: Number(row?.["priority"]) };
}
