/**
 * Rows of the fleet's sessions, for lists and for what the journal does not have.
 *
 * @module
 */
import { bareName, checkSessionName } from "../session/session_name.ts";
import { unlessFailing } from "../text/errors.ts";
import { localMoment } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { type Checked, flag, listOf, number, oneOf, optional, orUndefined, record, text } from "../workflow/shape.ts";
import type { FleetState } from "./contract.ts";
import type { Engine } from "./engine.ts";

const STATES = [
  "queued",
  "running",
  "waiting",
  "blocked",
  "failed",
  "stopped",
  "done",
  "taken",
] as const satisfies readonly FleetState[];

const isRow = record({
  id: text,
  project: text,
  repository: text,
  name: text,
  folder: orUndefined(text),
  state: oneOf(STATES),
  detail: text,
  holder: orUndefined(text),
  wanted: flag,
  not_before: orUndefined(text),
  account: text,
  pool: text,
  labels: listOf(text),
  priority: number,
  epoch: number,
  lines: number,
  by: text,
  task: text,
  created_at: text,
  changed_at: text,
  decisions: number,
  place: orUndefined(number),
  workers: number,
});

const isSummary = record({
  state: optional(text),
  phase: optional(text),
  iteration: optional(number),
  needs: optional(text),
  activity: optional(text),
  task: optional(text),
  costUsd: optional(number),
  estimatedUsd: optional(number),
  startedAt: optional(text),
  updatedAt: optional(text),
});

/** The summary of a session that was shipped for lists. */
export type Summary = Checked<typeof isSummary>;

/** A fleet session. */
export interface FleetRow {
  readonly id: string;
  readonly project: string;
  readonly repository: string;
  /** Without its date. */
  readonly name: string;
  /** With its date; `undefined` before the session has started. */
  readonly folder: string | undefined;
  /** `queued` also while the session is wanted and has no job yet. */
  readonly state: FleetState;
  /** Why it is in this state, in words; for a queued session, what it waits for. */
  readonly detail: string;
  readonly worker: string | undefined;
  readonly account: string;
  readonly pool: string;
  readonly labels: readonly string[];
  readonly priority: number;
  readonly epoch: number;
  /** Number of events in the engine. */
  readonly lines: number;
  readonly by: string;
  readonly task: string;
  readonly createdAt: string;
  readonly changedAt: string;
  /** Position in the queue, from 1. */
  readonly place: number | undefined;
  /** Number of decisions that are recorded and not applied yet. */
  readonly decisions: number;
  /** Number of live workers in its pool. */
  readonly workers: number;
  readonly summary: Summary;
}

/** Which sessions to read. */
export interface RowsRequest {
  readonly project?: string | undefined;
  /** With or without its date. */
  readonly session?: string | undefined;
  /** At most this many, newest first. */
  readonly most?: number;
}

/** A worker is alive if it was seen within this many seconds: several heartbeats. */
const ALIVE_S = 30;

const QUERY = `
with queue as (
  select q.id, row_number() over (partition by q.pool, q.labels
    order by q.priority + coalesce(a.priority, 0) desc, q.changed_at, q.created_at) as place
  from samocode.session q left join samocode.account a on a.name = q.account
  where q.state not in ('running', 'taken') and (q.wanted or q.state = 'queued')),
alive as (
  select pool, count(*)::int as workers from samocode.worker
  where seen_at > now() - interval '${ALIVE_S} s' and not drains group by pool)
select s.id::text, p.name as project, p.repository, s.name, s.folder, s.state, s.detail, s.holder, s.wanted,
  to_json(s.not_before) #>> '{}' as not_before, s.account, s.pool, s.labels, s.priority, s.epoch, s.lines,
  s.by || ' (' || s.role || ')' as by,
  left(coalesce(s.request->>'task', s.request->>'dive', ''), 2000) as task, s.summary,
  to_json(s.created_at) #>> '{}' as created_at, to_json(s.changed_at) #>> '{}' as changed_at,
  (select count(*)::int from samocode.act a where a.session = s.id and a.applied_at is null) as decisions,
  queue.place::int as place, coalesce(alive.workers, 0) as workers
from samocode.session s join samocode.project p on p.id = s.project
left join queue on queue.id = s.id left join alive on alive.pool = s.pool
where ($1::text is null or p.name = $1)
  and ($2::text is null or s.name = $2 or s.folder = $2)
order by s.created_at desc limit $3`;

/** Reads sessions, newest first. Skips invalid rows: an older program may have written them. */
export async function readRows(engine: Engine, { project, session, most = 2_000 }: RowsRequest): Promise<FleetRow[]> {
  const { rows } = await engine.query(QUERY, [project ?? null, session ?? null, most]);
  return rows.flatMap((row) => readRow(row) ?? []);
}

/** Parses a row; `undefined` if it is not valid. */
export function readRow(given: Readonly<Record<string, unknown>>): FleetRow | undefined {
  const row = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value ?? undefined]));
  if (!isRow(row) || !isPlace(row)) return undefined;
  const isQueued = row.state === "queued" || (row.wanted && row.state !== "running" && row.state !== "taken");
  const { folder, project, repository, name, account, pool, labels, priority, epoch, lines, by, decisions } = row;
  return {
    ...{ id: row.id, project, repository, name, folder, account, pool, labels, priority, epoch, lines, by, decisions },
    state: isQueued ? "queued" : row.state,
    detail: plainText(isQueued ? describeQueue(row) : row.detail, 2_000),
    worker: row.state === "running" ? row.holder : undefined,
    task: row.task,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    place: isQueued ? row.place : undefined,
    workers: row.workers,
    summary: isSummary(given["summary"]) ? given["summary"] : {},
  };
}

/** Whether the names in a row can be folders on a reader's machine. */
function isPlace({ name, folder }: Checked<typeof isRow>): boolean {
  return unlessFailing(() => checkSessionName(name)) !== undefined &&
    (folder === undefined ||
      bareName(folder) === bareName(name) && unlessFailing(() => checkSessionName(folder)) !== undefined);
}

function describeQueue({ not_before, detail, place, workers, pool }: Checked<typeof isRow>): string {
  if (not_before !== undefined && Date.parse(not_before) > Date.now()) {
    return `Waits until ${localMoment(not_before)}${detail === "" ? "" : `: ${detail}`}`;
  }
  return workers === 0 ? `No worker of pool ${pool} is running` : `Number ${place ?? 1} in the queue`;
}
