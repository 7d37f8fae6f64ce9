/**
 * The fleet's tables. As on one machine, the journal is a session's source of truth; the other columns of its row serve
 * lists and the queue.
 *
 * @module
 */

/** The schema of the fleet's own tables. */
export const SCHEMA = "samocode";

/** The schema of pg-boss's tables. */
export const QUEUE_SCHEMA = "samocode_queue";

/** The schema version that this program reads and writes. Any other is refused. */
export const SCHEMA_VERSION = 1;

/** Channel: something of the session with this id was shipped. */
export const SHIPPED = "samocode_shipped";

/** Channel: the session with this id has a new decision, or should run. */
export const WANTED = "samocode_wanted";

/** Pattern for names of pools, accounts and labels, which become part of queue names. */
export const WORD = /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/;

const IS_WORD = `~ '${WORD.source}'`;

/** A person's name must not pose as the fleet, nor have control characters that could move a reader's cursor. */
const IS_PERSON = `check (length(by) between 1 and 200 and by !~ '[[:cntrl:]]' and by !~ '^the fleet:')`;

/** Creates the tables. */
export const TABLES = `
create schema if not exists ${SCHEMA};
create function ${SCHEMA}.are_words(words text[]) returns boolean language sql immutable
  set search_path = pg_catalog as $$
  select coalesce(bool_and(coalesce(word ${IS_WORD}, false)), true) from unnest(words) word $$;
create table ${SCHEMA}.about (version int not null, made_at timestamptz not null default now());
create table ${SCHEMA}.project (
  id bigint generated always as identity primary key,
  name text not null unique,
  repository text not null);
create table ${SCHEMA}.member (
  role name not null, project bigint not null references ${SCHEMA}.project on delete cascade,
  kind text not null check (kind in ('worker', 'submitter', 'reader')),
  primary key (role, project, kind));
create table ${SCHEMA}.account (
  name text primary key check (name ${IS_WORD}),
  max_sessions int not null check (max_sessions >= 0), priority int not null default 0 check (priority between -1000000 and 1000000));
create table ${SCHEMA}.session (
  id uuid primary key default gen_random_uuid(),
  project bigint not null references ${SCHEMA}.project,
  name text not null check (name ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$'),
  folder text,
  request jsonb not null check (length(request::text) <= 4000000),
  pool text not null default 'default' check (pool ${IS_WORD}),
  labels text[] not null default '{}'
    check (cardinality(labels) <= 8 and ${SCHEMA}.are_words(labels)),
  account text not null default 'default' check (account ${IS_WORD}),
  priority int not null default 0 check (priority between -1000 and 1000),
  state text not null default 'queued',
  detail text not null default '',
  summary jsonb,
  wanted boolean not null default true,
  not_before timestamptz,
  epoch int not null default 0,
  holder text,
  lines int not null default 0,
  by text not null ${IS_PERSON},
  role name not null default session_user,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  unique (project, name));
create index on ${SCHEMA}.session (created_at) where wanted;
create table ${SCHEMA}.journal (
  session uuid not null references ${SCHEMA}.session on delete cascade,
  seq int not null, epoch int not null, type text not null, line text not null,
  primary key (session, seq));
create table ${SCHEMA}.file (
  session uuid not null references ${SCHEMA}.session on delete cascade,
  path text not null, part int not null, sha256 text not null, body bytea not null, epoch int not null,
  modified_at timestamptz not null default now(),
  primary key (session, path, part));
create table ${SCHEMA}.act (
  id bigint generated always as identity primary key,
  session uuid not null references ${SCHEMA}.session on delete cascade,
  act jsonb not null check (length(act::text) <= 2000000),
  by text not null ${IS_PERSON}, role name not null default session_user,
  at timestamptz not null default now(),
  applied_at timestamptz, outcome jsonb);
create index on ${SCHEMA}.act (session, id) where applied_at is null;
create table ${SCHEMA}.worker (
  name text primary key, pool text not null, labels text[] not null, accounts text[] not null, slots int not null,
  version text not null, role name not null default session_user,
  since timestamptz not null default now(), seen_at timestamptz not null default now(),
  drains boolean not null default false);
`;
