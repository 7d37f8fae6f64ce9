/**
 * The queues: one for each project, pool, account and set of labels. So a worker reads only queues that it may serve,
 * and a session that has to wait blocks no other.
 *
 * @module
 */
import { limitOf } from "./accounts.ts";
import { LEASE_MS } from "./contract.ts";
import type { Engine, Transaction } from "./engine.ts";
import { QUEUE_SCHEMA, SCHEMA, WANTED, WORD } from "./schema.ts";

/** A worker that claims, and which sessions it accepts. */
export interface Claimant {
  readonly worker: string;
  readonly pool: string;
  /** A session matches if all its labels are among these. */
  readonly labels: readonly string[];
  /** Only sessions of these accounts match; empty means all. */
  readonly accounts: readonly string[];
}

/** The parts of a queue's name. */
export interface QueueParts {
  readonly project: string;
  readonly pool: string;
  readonly account: string;
  readonly labels: readonly string[];
}

/** A queue's name. Its parts were checked at submission, since pg-boss puts the name into its SQL. */
export function queueName({ project, pool, account, labels }: QueueParts): string {
  const words = [project, pool, account, ...labels];
  const strange = words.find((word) => !WORD.test(word));
  if (strange !== undefined) throw new Error(`no word for a queue: ${JSON.stringify(strange.slice(0, 80))}`);
  return [project, pool, account, [...new Set(labels)].sort().join(".")].join("/");
}

/** Parses a queue's name; `undefined` for one that is not the fleet's. */
export function readQueueName(name: string): QueueParts | undefined {
  const [project, pool, account, labels, ...more] = name.split("/");
  if (project === undefined || pool === undefined || account === undefined || labels === undefined) return undefined;
  return more.length > 0
    ? undefined
    : { project, pool, account, labels: labels.split(".").filter((word) => word !== "") };
}

/** With the session as key: at most one waiting and one active job for each session, however often it is queued. */
const POLICY = "stately";

/** A queue with a session that could run now. */
export interface ReadyQueue {
  readonly queue: string;
  readonly account: string;
}

/** The queues with a session that a worker may take now and whose account seems to have room, most urgent first. */
export async function readyQueues(
  engine: Pick<Engine, "query">,
  { pool, labels, accounts }: Claimant,
): Promise<readonly ReadyQueue[]> {
  // Reading a queue's head is one index lookup, however many jobs wait. A job whose session is running is skipped,
  // since pg-boss hands it to nobody until that run ends.
  const { rows } = await engine.query(
    `with running as (
      select group_id as account, count(*) as sessions from ${QUEUE_SCHEMA}.job
      where state = 'active' and group_id is not null group by group_id)
    select q.name from ${QUEUE_SCHEMA}.queue q
    join ${SCHEMA}.project p on q.name like p.id || '/' || $1 || '/%'
    left join running on running.account = split_part(q.name, '/', 3)
    cross join lateral (
      select j.priority, j.created_on from ${QUEUE_SCHEMA}.job j
      where j.name = q.name and j.state < 'active' and not j.blocked and j.start_after <= now()
        and not exists (
          select from ${QUEUE_SCHEMA}.job r where r.name = j.name and r.state = 'active' and r.policy = '${POLICY}'
            and coalesce(r.singleton_key, '') = coalesce(j.singleton_key, ''))
      order by j.priority desc, j.created_on limit 1) head
    where coalesce(running.sessions, 0) < ${limitOf("split_part(q.name, '/', 3)")}
    order by head.priority desc, head.created_on`,
    [pool],
  );
  return rows.flatMap(({ name }) => {
    const queue = String(name);
    const parts = readQueueName(queue);
    if (parts === undefined || parts.pool !== pool) return [];
    if (accounts.length > 0 && !accounts.includes(parts.account)) return [];
    return parts.labels.every((label) => labels.includes(label)) ? [{ queue, account: parts.account }] : [];
  });
}

/** Sessions per transaction; the next transaction takes the rest. */
const BATCH = 500;

/** Creates jobs for the wanted sessions: one each, however many workers do so. @returns How many. */
export async function enqueueWanted(engine: Engine): Promise<number> {
  let all = 0;
  for (;;) {
    const done = await engine.transaction((transaction) => enqueueSome(engine, transaction));
    all += done;
    if (done < BATCH) return all;
  }
}

interface Wish extends QueueParts {
  readonly id: string;
  readonly priority: number;
  readonly notBefore: Date | undefined;
}

async function enqueueSome(engine: Engine, transaction: Transaction): Promise<number> {
  const { rows } = await transaction.query(
    `select s.id, s.project, s.pool, s.account, s.labels, s.not_before, s.priority + coalesce(a.priority, 0) as priority
    from ${SCHEMA}.session s left join ${SCHEMA}.account a on a.name = s.account
    where s.wanted order by s.created_at limit ${BATCH} for update of s skip locked`,
  );
  const wishes = rows.map(readWish);
  if (wishes.length === 0) return 0;
  for (const [queue, group] of Map.groupBy(wishes, queueName)) await send(engine, { transaction, queue, group });
  // Notify workers that looked during this transaction and found nothing.
  await transaction.commit(
    `with enqueued as (
      update ${SCHEMA}.session set wanted = false, changed_at = now(),
        state = case when state in ('running', 'taken') then state else 'queued' end
      where id = any ($1::uuid[]))
    select pg_notify('${WANTED}', '')`,
    [wishes.map(({ id }) => id)],
  );
  return wishes.length;
}

async function send(
  engine: Engine,
  { transaction, queue, group }: {
    readonly transaction: Transaction;
    readonly queue: string;
    readonly group: readonly Wish[];
  },
): Promise<void> {
  await ensureQueue(engine, queue);
  const db = transaction.boss;
  const jobs = group.map(({ id, account, priority, notBefore }) => ({
    id: crypto.randomUUID(),
    data: { session: id },
    singletonKey: id,
    group: { id: account },
    priority,
    ...(notBefore === undefined ? {} : { startAfter: notBefore }),
  }));
  const made = new Set(await engine.queue.insert(queue, jobs, { db, returnId: true }));
  // These already have a waiting job, perhaps for a later time: update it.
  for (const { id, data, singletonKey, priority, startAfter = 0 } of jobs) {
    if (!made.has(id)) await engine.queue.update(queue, data, { singletonKey, priority, startAfter, match: "all", db });
  }
}

const known = new WeakMap<Engine, Set<string>>();

/** Creates a queue, once per process. */
async function ensureQueue(engine: Engine, queue: string): Promise<void> {
  const made = known.get(engine) ?? new Set();
  known.set(engine, made);
  if (made.has(queue)) return;
  await engine.queue.createQueue(queue, {
    policy: POLICY,
    heartbeatSeconds: LEASE_MS.expires / 1_000,
    // The maximum of pg-boss: a longer run is handed over between two iterations.
    expireInSeconds: 24 * 3_600,
    // Practically forever: a waiting session must not be dropped, and its worker ends one that keeps dying.
    retentionSeconds: 10 * 365 * 24 * 3_600,
    deleteAfterSeconds: 3_600,
    retryLimit: 1_000_000,
    retryDelay: 0,
  });
  made.add(queue);
}

function readWish(row: Readonly<Record<string, unknown>>): Wish {
  const notBefore = row["not_before"];
  const labels = row["labels"];
  return {
    id: String(row["id"]),
    project: String(row["project"]),
    pool: String(row["pool"]),
    account: String(row["account"]),
    labels: Array.isArray(labels) ? labels.map(String) : [],
    priority: Number(row["priority"]),
    notBefore: notBefore instanceof Date ? notBefore : undefined,
  };
}
