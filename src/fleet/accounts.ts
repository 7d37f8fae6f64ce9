/**
 * Accounts: how many sessions of each may run at a time, and which go first.
 *
 * @module
 */
import type { Engine, Transaction } from "./engine.ts";
import { QUEUE_SCHEMA, SCHEMA } from "./schema.ts";
import { checkWord } from "./words.ts";

/** Of an account that nobody set a limit for. */
export const DEFAULT_LIMIT = 1;

/** An account. */
export interface Account {
  readonly name: string;
  /** 0 lets it run out: what runs goes on, and nothing new begins. */
  readonly maxSessions: number;
  /** Added to its sessions' own. */
  readonly priority: number;
}

/** Of an account's name: how many sessions it may run, as an expression in SQL. */
export function limitOf(name: string): string {
  return `coalesce((select max_sessions from ${SCHEMA}.account where name = ${name}), ${DEFAULT_LIMIT})`;
}

/** Tells whether an account has room. Exact only in a transaction that holds the claim's lock. */
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
 * @throws {SamocodeError} If its name is none.
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
