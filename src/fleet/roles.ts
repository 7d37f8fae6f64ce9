/**
 * Who may do what in the fleet's database: three groups of roles, and row-level security by project membership.
 *
 * @module
 */
import { checkSessionName } from "../session/session_name.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import type { Engine } from "./engine.ts";
import { hasCode } from "./engine_errors.ts";
import { quoteName } from "./postgres.ts";
import type { Transaction } from "./postgres_pool.ts";
import { queueRights } from "./queue_rights.ts";
import { readRepository } from "./repository_url.ts";
import { SCHEMA, SHIPPED, WANTED } from "./schema.ts";
import { sessionMoves } from "./session_moves.ts";

/** What a role may do in a project. */
export const MEMBER_KINDS = ["worker", "submitter", "reader"] as const;

/** See {@linkcode MEMBER_KINDS}. */
export type MemberKind = typeof MEMBER_KINDS[number];

/** The group of roles for a kind of member. */
export function groupOf(kind: MemberKind): string {
  return `samocode_${kind}`;
}

/** Creates the missing groups. They belong to the whole PostgreSQL cluster: another fleet may have created them. */
export async function createGroups(transaction: Transaction): Promise<void> {
  const { rows } = await transaction.query("select rolname from pg_roles where rolname like 'samocode\\_%'");
  const missing = MEMBER_KINDS.map(groupOf).filter((group) => !rows.some(({ rolname }) => rolname === group));
  const statements = missing.map((group) => `create role ${group} nologin`);
  try {
    for (const statement of statements) await transaction.query(statement);
  } catch (error) {
    if (!hasCode(error, "42501")) throw error;
    throw new SamocodeError("usage", "Cannot set up the fleet: your role may not create roles", {
      hint: `Ask the administrator of PostgreSQL to run: ${statements.join("; ")};`,
      cause: error,
    });
  }
}

const [WORKER, SUBMITTER] = MEMBER_KINDS.map(groupOf);
const ALL = MEMBER_KINDS.map(groupOf).join(", ");

/** SQL for the projects in which the current role is one of these kinds. */
function projectsOf(...kinds: readonly MemberKind[]): string {
  return `(select ${SCHEMA}.my_projects('{${kinds.join(",")}}'))`;
}

/** A policy for tables whose rows belong to a session. */
function ofSessionsIn(projects: string): string {
  return `exists (select from ${SCHEMA}.session s where s.id = session and s.project in ${projects})`;
}

const SEEN = projectsOf(...MEMBER_KINDS);
const WORKED = projectsOf("worker");
const SUBMITTED = projectsOf("submitter");
const MOVED = projectsOf("submitter", "worker");

/** Policies: table, action, and the rows that it may touch. Without a policy, rows can be neither read nor written. */
const POLICIES: readonly (readonly [table: string, action: string, rows: string])[] = [
  ["project", "select", `id in ${SEEN}`],
  [
    "member",
    "select",
    "exists (select from pg_catalog.pg_roles r where r.rolname = role and pg_has_role(r.oid, 'member'))",
  ],
  ["session", "select", `project in ${SEEN}`],
  ["session", "insert", `project in ${SUBMITTED}`],
  ["session", "update", `project in ${MOVED}`],
  ["journal", "select", ofSessionsIn(SEEN)],
  ["journal", "insert", ofSessionsIn(WORKED)],
  ["file", "select", ofSessionsIn(SEEN)],
  ["file", "insert", ofSessionsIn(WORKED)],
  ["file", "update", ofSessionsIn(WORKED)],
  ["file", "delete", ofSessionsIn(WORKED)],
  ["act", "select", ofSessionsIn(SEEN)],
  ["act", "insert", ofSessionsIn(SUBMITTED)],
  ["act", "update", ofSessionsIn(WORKED)],
  ["worker", "select", "true"],
  ["worker", "insert", "role = session_user"],
  ["worker", "update", "role = session_user"],
  ["worker", "delete", "role = session_user"],
];

/**
 * Grants and policies, renewed by each run of `fleet init`. A column that a role may not write keeps its default, such
 * as the role that wrote an act.
 */
export const RIGHTS: readonly string[] = [
  `create or replace function ${SCHEMA}.my_projects(kinds text[]) returns setof bigint language sql stable
    set search_path = pg_catalog as $$
    select m.project from ${SCHEMA}.member m join pg_catalog.pg_roles r on r.rolname = m.role
    where m.kind = any (kinds) and pg_catalog.pg_has_role(r.oid, 'member') $$`,
  ...[...new Set(POLICIES.map(([table]) => table))].map((table) =>
    `alter table ${SCHEMA}.${table} enable row level security`
  ),
  ...POLICIES.flatMap(([table, action, rows]) => {
    const name = `samocode_${action}`;
    const check = action === "insert" ? `with check (${rows})` : `using (${rows})`;
    return [
      `drop policy if exists ${name} on ${SCHEMA}.${table}`,
      `create policy ${name} on ${SCHEMA}.${table} for ${action} ${check}`,
    ];
  }),
  `revoke all on all tables in schema ${SCHEMA} from ${ALL}`,
  `grant usage on schema ${SCHEMA} to ${ALL}`,
  ...["about", "project", "member", "account", "session", "journal", "file", "act", "worker"].map((table) =>
    `grant select on ${SCHEMA}.${table} to ${ALL}`
  ),
  `grant insert (project, name, request, pool, labels, account, priority, not_before, by)
    on ${SCHEMA}.session to ${SUBMITTER}`,
  `grant update (state, detail, wanted, not_before, epoch, holder, changed_at) on ${SCHEMA}.session to ${SUBMITTER}`,
  `grant insert (session, act, by) on ${SCHEMA}.act to ${SUBMITTER}`,
  `grant update (folder, state, detail, summary, wanted, not_before, epoch, holder, lines, changed_at)
    on ${SCHEMA}.session to ${WORKER}`,
  `grant insert on ${SCHEMA}.journal to ${WORKER}`,
  `grant insert, update, delete on ${SCHEMA}.file to ${WORKER}`,
  `grant update (applied_at, outcome) on ${SCHEMA}.act to ${WORKER}`,
  `grant insert (name, pool, labels, accounts, slots, version) on ${SCHEMA}.worker to ${WORKER}`,
  `grant update (pool, labels, accounts, slots, version, since, seen_at, drains), delete
    on ${SCHEMA}.worker to ${WORKER}`,
  ...sessionMoves(),
  ...queueRights({ all: ALL, worker: `${WORKER}` }),
  ...notices(),
];

/** Triggers that send the notifications, so that writers need not remember to. */
function notices(): readonly string[] {
  const tell = (name: string, column: string, channels: readonly string[]): string =>
    `create or replace function ${SCHEMA}.${name}() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      ${channels.map((channel) => `perform pg_notify('${channel}', new.${column}::text);`).join(" ")}
      return null;
    end $$`;
  return [
    tell("tell_wanted", "id", [WANTED]),
    tell("tell_shipped", "id", [SHIPPED]),
    tell("tell_act", "session", [WANTED]),
    tell("tell_outcome", "session", [SHIPPED]),
    `drop trigger if exists tell_wanted on ${SCHEMA}.session`,
    `create trigger tell_wanted after insert or update of wanted on ${SCHEMA}.session
      for each row when (new.wanted) execute function ${SCHEMA}.tell_wanted()`,
    `drop trigger if exists tell_made on ${SCHEMA}.session`,
    `create trigger tell_made after insert on ${SCHEMA}.session
      for each row execute function ${SCHEMA}.tell_shipped()`,
    `drop trigger if exists tell_state on ${SCHEMA}.session`,
    `create trigger tell_state after update of state, holder on ${SCHEMA}.session for each row
      when (old.state is distinct from new.state or old.holder is distinct from new.holder)
      execute function ${SCHEMA}.tell_shipped()`,
    `drop trigger if exists tell_act on ${SCHEMA}.act`,
    `create trigger tell_act after insert on ${SCHEMA}.act for each row execute function ${SCHEMA}.tell_act()`,
    `drop trigger if exists tell_outcome on ${SCHEMA}.act`,
    `create trigger tell_outcome after update of outcome on ${SCHEMA}.act
      for each row execute function ${SCHEMA}.tell_outcome()`,
  ];
}

/** A role's membership in a project. */
export interface Membership {
  readonly role: string;
  readonly project: string;
  readonly kind: MemberKind;
  /** Creates the project if it does not exist. */
  readonly repository?: string | undefined;
}

/** Makes a role a member of a project. @throws {SamocodeError} If role or project cannot be used. */
export async function grantRole(engine: Engine, { role, project, kind, repository }: Membership): Promise<void> {
  await engine.transaction(async (transaction) => {
    if (MEMBER_KINDS.some((each) => groupOf(each) === role)) {
      throw new SamocodeError("usage", `Cannot grant anything to ${role}: it is one of the fleet's groups`, {
        hint: "Name the role of one person or machine; a grant to the group would apply to all its members",
      });
    }
    const known = await transaction.query("select 1 from pg_roles where rolname = $1", [role]);
    if (known.count === 0) {
      throw new SamocodeError("usage", `Cannot grant anything to ${role}: the role does not exist`, {
        hint: `Create it first: create role ${quoteName(role)} login password '…'`,
      });
    }
    const id = repository === undefined
      ? await projectId(transaction, project)
      : await openProject(transaction, { name: project, repository: readRepository(repository) });
    if (id === undefined) {
      throw new SamocodeError("usage", `Cannot find the project ${project} in the fleet`, {
        hint: "To create it, name its repository with --repo URL",
      });
    }
    await transaction.query(`grant ${groupOf(kind)} to ${quoteName(role)}`);
    await transaction.query(
      `insert into ${SCHEMA}.member (role, project, kind) values ($1, $2, $3) on conflict do nothing`,
      [role, id, kind],
    );
  });
}

/**
 * Returns a project's id, and creates the project if needed, which only the fleet's owner may.
 *
 * @throws {SamocodeError} If the project has another repository, its name is not valid, or you may not create it.
 */
export async function openProject(
  on: Pick<Transaction, "query">,
  { name, repository }: { readonly name: string; readonly repository: string },
): Promise<string> {
  const { rows: [found] } = await on.query(`select id, repository from ${SCHEMA}.project where name = $1`, [name]);
  if (found !== undefined) {
    if (found["repository"] === repository) return String(found["id"]);
    throw new SamocodeError("conflict", `Cannot use the project ${name}: it has another repository in the fleet`, {
      hint: `Its repository is ${String(found["repository"])}. To submit to another project, add --project NAME`,
    });
  }
  checkProjectName(name);
  try {
    const { rows: [made] } = await on.query(
      `insert into ${SCHEMA}.project (name, repository) values ($1, $2) returning id`,
      [name, repository],
    );
    return String(made?.["id"]);
  } catch (error) {
    if (!hasCode(error, "42501") && !hasCode(error, "23505")) throw error;
    throw new SamocodeError("usage", `Cannot use the project ${name}: it does not exist, or your role has no access`, {
      hint: `Ask the fleet's owner to run: samocode fleet grant YOUR_ROLE ${name} --repo ${repository}`,
      cause: error,
    });
  }
}

/**
 * Checks a project's name, which becomes the name of a folder.
 *
 * @throws {SamocodeError} If it cannot be a folder's name.
 */
export function checkProjectName(name: string): string {
  if (unlessFailing(() => checkSessionName(name)) !== undefined) return name;
  throw new SamocodeError("usage", `Cannot use ${JSON.stringify(plainText(name, 80))} as the name of a project`, {
    hint: "Use letters, digits, dots, hyphens and underscores",
  });
}

async function projectId(on: Pick<Transaction, "query">, name: string): Promise<string | undefined> {
  const { rows: [found] } = await on.query(`select id from ${SCHEMA}.project where name = $1`, [name]);
  return found === undefined ? undefined : String(found["id"]);
}
