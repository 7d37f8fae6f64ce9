/**
 * What a worker may write in pg-boss's tables, and what a queue may look like.
 *
 * @module
 */
import { QUEUE_SCHEMA } from "./schema.ts";

/** Names of role groups, as SQL. */
export interface Groups {
  readonly all: string;
  readonly worker: string;
}

/**
 * pg-boss trusts its tables: it puts the name of a queue and of its table into SQL, and the owner runs statements from
 * `bam`. So a worker may only write what cannot inject SQL into another role's statements.
 */
export function queueRights({ all, worker }: Groups): readonly string[] {
  const word = "[A-Za-z0-9][A-Za-z0-9_-]{0,59}";
  return [
    `revoke all on schema ${QUEUE_SCHEMA} from public, ${all}`,
    `grant usage on schema ${QUEUE_SCHEMA} to ${worker}`,
    `revoke all on all tables in schema ${QUEUE_SCHEMA} from ${all}`,
    `grant select on all tables in schema ${QUEUE_SCHEMA} to ${worker}`,
    ...["job", "job_common", "job_dependency"].map((table) =>
      `grant insert, update, delete on ${QUEUE_SCHEMA}.${table} to ${worker}`
    ),
    `grant insert, update on ${QUEUE_SCHEMA}.queue to ${worker}`,
    `grant update (monitor_backoff_on, flow_on) on ${QUEUE_SCHEMA}.version to ${worker}`,
    `alter table ${QUEUE_SCHEMA}.queue drop constraint if exists samocode_queue`,
    `alter table ${QUEUE_SCHEMA}.queue add constraint samocode_queue check (
      name ~ '^[0-9]+/${word}/${word}/(${word}([.]${word})*)?$' and table_name = 'job_common' and not partition
      and policy = 'stately' and dead_letter is null)`,
  ];
}
