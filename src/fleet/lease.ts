/**
 * Leases on sessions: a worker claims a queued job, renews it by heartbeats, and ends it or gives it back. Every write
 * is fenced by the session's epoch and the job's attempt.
 *
 * @module
 */
import { hasRoom } from "./accounts.ts";
import { FencedError, type FleetState, type Lease } from "./contract.ts";
import type { Engine, Rows, Transaction } from "./engine.ts";
import { type Claimant, type ReadyQueue, readyQueues } from "./queues.ts";
import { changedJobs } from "./boss.ts";
import { SCHEMA } from "./schema.ts";

export { type Claimant, enqueueWanted } from "./queues.ts";

/** How a session came to rest. */
export interface Settlement {
  readonly state: Exclude<FleetState, "queued" | "running">;
  /** Explanation for people. */
  readonly detail: string;
  /** Shown in lists; unchanged if left out. */
  readonly summary?: unknown;
  /** Runs in the same transaction, before the job is ended. */
  readonly before?: (transaction: Transaction) => Promise<void>;
}

/** Why a session continues later or on another worker. */
export interface Requeue {
  readonly detail: string;
  readonly notBefore?: Date | undefined;
  /** Runs in the same transaction, before the job is ended. */
  readonly before?: (transaction: Transaction) => Promise<void>;
}

/**
 * Claims the next session that this worker may drive and whose account is below its limit. Raises the epoch, which
 * fences the previous holder from then on.
 */
export async function claim(engine: Engine, claimant: Claimant): Promise<Lease | undefined> {
  // Look without the lock: a worker that finds nothing must not make others wait.
  for (const ready of await readyQueues(engine, claimant)) {
    for (;;) {
      const job = await claimJob(engine, ready, claimant.worker);
      if (job === undefined) break;
      if (job.lease !== undefined) return job.lease;
      // The session was taken to somebody's machine, or deleted: drop the job.
      await engine.queue.complete(ready.queue, job.attempt, null);
    }
  }
  return undefined;
}

/** Claims a queue's next job, and its session if that can still run. Holds the lock for two round trips. */
async function claimJob(
  engine: Engine,
  { queue, account }: ReadyQueue,
  worker: string,
): Promise<{ readonly attempt: Lease["job"]; readonly lease: Lease | undefined } | undefined> {
  return await engine.transaction(async (transaction) => {
    const [, isFree, [job]] = await Promise.all([
      // One claim at a time: two that count an account's running sessions at once would exceed its limit.
      transaction.query("select pg_advisory_xact_lock(hashtext($1))", [`${SCHEMA}.claim`]),
      hasRoom(transaction, account),
      engine.queue.fetch<unknown>(queue, { db: transaction.boss }),
    ]);
    if (job === undefined) return undefined;
    if (!isFree) throw new NoRoom();
    const attempt = { id: job.id, retryCount: job.retryCount };
    const { rows: [taken] } = await transaction.commit(
      `update ${SCHEMA}.session s set epoch = s.epoch + 1, holder = $2, state = 'running', not_before = null,
        changed_at = now()
      from ${SCHEMA}.project p
      where s.id = $1::uuid and p.id = s.project and s.state <> 'taken'
      returning s.id, s.epoch, s.name, p.name as project`,
      [sessionIn(job.data), worker],
    );
    return { attempt, lease: taken === undefined ? undefined : leaseOf(taken, { queue, job: attempt }) };
  }).catch((error) => {
    if (error instanceof NoRoom) return undefined;
    throw error;
  });
}

/** Rolls back a claim: another worker used up the account's limit meanwhile. */
class NoRoom extends Error {}

/**
 * Sends the heartbeat for a worker's leases.
 *
 * @returns The ids of the sessions that it still holds.
 */
export async function beat(engine: Engine, leases: readonly Lease[]): Promise<ReadonlySet<string>> {
  const byQueue = Map.groupBy(leases, ({ queue }) => queue);
  const [{ rows }, ...touched] = await Promise.all([
    engine.queryPromptly(
      `select s.id from ${SCHEMA}.session s
      join unnest($1::uuid[], $2::int[]) as held (id, epoch) on s.id = held.id and s.epoch = held.epoch
      where s.holder is not null`,
      [leases.map(({ id }) => id), leases.map(({ epoch }) => epoch)],
    ),
    ...[...byQueue].map(([queue, held]) => touch(engine, { queue, held })),
  ]);
  const current = new Set(rows.map(({ id }) => String(id)));
  return new Set(touched.flat().filter((id) => current.has(id)));
}

async function touch(
  engine: Engine,
  { queue, held }: { readonly queue: string; readonly held: readonly Lease[] },
): Promise<readonly string[]> {
  const touched = changedJobs(await engine.queue.touch(queue, held.map(({ job }) => ({ ...job }))));
  return held.filter(({ job }) => touched.has(job.id)).map(({ id }) => id);
}

/**
 * Fences this transaction: locks the session, so that no worker takes over before the transaction ends.
 *
 * @returns The number of its events in the engine.
 * @throws {FencedError} If the lease no longer holds.
 */
export async function checkHeld(transaction: Transaction, lease: Lease): Promise<number> {
  const { rows: [row] } = await transaction.query(
    `select lines from ${SCHEMA}.session where id = $1 and epoch = $2 and holder is not null for no key update`,
    [lease.id, lease.epoch],
  );
  if (row === undefined) throw fenced(lease, `epoch ${lease.epoch} is over`);
  return Number(row["lines"]);
}

/** Ends the lease: records how the session rests and completes its job in one transaction. @throws {FencedError} */
export async function settle(engine: Engine, lease: Lease, settlement: Settlement): Promise<void> {
  const { state, detail, summary, before } = settlement;
  await rest(engine, lease, { state, detail, summary, wanted: false, notBefore: undefined, before });
}

/** Gives the session back: completes its job and queues it again in one transaction. @throws {FencedError} */
export async function requeue(engine: Engine, lease: Lease, { detail, notBefore, before }: Requeue): Promise<void> {
  await rest(engine, lease, { state: "queued", detail, summary: undefined, wanted: true, notBefore, before });
}

interface Rest {
  readonly state: FleetState;
  readonly detail: string;
  readonly summary: unknown;
  readonly wanted: boolean;
  readonly notBefore: Date | undefined;
  readonly before: ((transaction: Transaction) => Promise<void>) | undefined;
}

async function rest(
  engine: Engine,
  lease: Lease,
  { state, detail, summary, wanted, notBefore, before }: Rest,
): Promise<void> {
  await engine.transaction(async (transaction) => {
    // For update, not for share: two transactions that share a row lock and then both write the row would deadlock.
    const found = transaction.query(
      `select holder from ${SCHEMA}.session where id = $1 and epoch = $2 for update`,
      [lease.id, lease.epoch],
    );
    if (before !== undefined) {
      if (isRecorded(lease, await found)) return;
      await before(transaction);
    }
    const [held, ended] = await Promise.all([
      found,
      engine.queue.complete(lease.queue, { ...lease.job }, null, { db: transaction.boss }),
      transaction.query(
        `update ${SCHEMA}.session set state = $3, detail = $4, summary = coalesce($5::jsonb, summary), holder = null,
          wanted = wanted or $6, not_before = $7, changed_at = now()
        where id = $1 and epoch = $2 and holder is not null`,
        [
          ...[lease.id, lease.epoch, state, detail, summary === undefined ? null : JSON.stringify(summary)],
          ...[wanted, notBefore ?? null],
        ],
      ),
    ]);
    if (!isRecorded(lease, held) && changedJobs(ended).size === 0) {
      throw fenced(lease, "its job was given to another worker");
    }
  });
}

/** Whether an earlier attempt was recorded and its answer lost. @throws {FencedError} If another worker took over. */
function isRecorded(lease: Lease, { rows: [row] }: Rows): boolean {
  if (row === undefined) throw fenced(lease, "another worker took it before its end was recorded");
  return row["holder"] === null;
}

/** Marks a session as wanted, so that a worker queues and runs it. */
export async function wake(on: Pick<Transaction, "query">, id: string): Promise<void> {
  // A trigger notifies the workers.
  await on.query(
    `update ${SCHEMA}.session set wanted = true, not_before = null, changed_at = now()
    where id = $1 and state <> 'taken'`,
    [id],
  );
}

function fenced({ project, session }: Lease, why: string): FencedError {
  return new FencedError(`Lost ${project}/${session}: ${why}`);
}

/** Validates a job's data: any role that may write to the queue can have sent it. */
function sessionIn(data: unknown): string | undefined {
  const session = typeof data === "object" && data !== null && "session" in data ? data.session : undefined;
  return typeof session === "string" && /^[0-9a-f-]{36}$/.test(session) ? session : undefined;
}

function leaseOf(
  row: Readonly<Record<string, unknown>>,
  { queue, job }: Pick<Lease, "queue" | "job">,
): Lease {
  return {
    id: String(row["id"]),
    epoch: Number(row["epoch"]),
    project: String(row["project"]),
    session: String(row["name"]),
    queue,
    job,
  };
}
