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

/**
 * Tells which accounts have room. Exact only in a transaction that holds the claim's lock.
 */
export async function roomOf(transaction: Pick<Transaction, "query">): Promise<(account: string) => boolean> {
  const { rows } = await transaction.query(
    `select coalesce(a.name, j.name) as name, a.max_sessions, coalesce(j.running, 0)::int as running
    from ${SCHEMA}.account a full join (
      select group_id as name, count(*) as running from ${QUEUE_SCHEMA}.job
      where state = 'active' and group_id is not null group by group_id) j on j.name = a.name`,
  );
  const rooms = new Map(rows.map((row) => {
    const limit = row["max_sessions"] === null ? DEFAULT_LIMIT : Number(row["max_sessions"]);
    return [String(row["name"]), limit - Number(row["running"])] as const;
  }));
  return (account) => (rooms.get(account) ?? DEFAULT_LIMIT) > 0;
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
