/**
 * The allowed changes of a session's row, enforced by a trigger of the schema.
 *
 * @module
 */
import { SCHEMA } from "./schema.ts";

/** States of a session at rest. */
const RESTING = "('waiting', 'blocked', 'failed', 'stopped', 'done')";

/**
 * SQL for the trigger. The epoch never goes back, or an overtaken worker could write again. A submitter may only queue
 * a session, take one at rest, and give back one that they took.
 */
export function sessionMoves(): readonly string[] {
  return [
    `create or replace function ${SCHEMA}.check_move() returns trigger language plpgsql
    set search_path = pg_catalog as $$
    declare taken constant text := 'Taken to another machine by ' || session_user;
    begin
      if new.epoch < old.epoch or new.lines < old.lines then
        raise exception 'the epoch of a session cannot go back' using errcode = '42501';
      end if;
      if old.project in (select ${SCHEMA}.my_projects('{worker}'))
        or pg_has_role((select relowner from pg_class where oid = tg_relid), 'usage') then
        return new;
      end if;
      if new.state = 'taken' and old.state in ${RESTING} and not old.wanted and not new.wanted
        and new.holder is null and new.epoch = old.epoch + 1 then
        new.detail := taken;
      elsif old.state = 'taken' and old.detail = taken and new.state in ${RESTING} and new.holder is null
        and new.epoch = old.epoch and not new.wanted then
        null;
      elsif (new.state, new.detail, new.epoch) is distinct from (old.state, old.detail, old.epoch)
        or new.holder is distinct from old.holder or old.wanted and not new.wanted
        or new.wanted and old.state = 'taken' then
        raise exception 'submitters may only ask for a session to run, or take one that is not running'
          using errcode = '42501';
      end if;
      return new;
    end $$`,
    `drop trigger if exists check_move on ${SCHEMA}.session`,
    `create trigger check_move before update on ${SCHEMA}.session
      for each row execute function ${SCHEMA}.check_move()`,
  ];
}
