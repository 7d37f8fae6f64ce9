/**
 * The checks of `samocode fleet doctor`: engine, clocks, rights, workers, queued sessions, and git remotes.
 *
 * @module
 */
import { type Finding, ok, problem, warning } from "../contract/finding.ts";
import { complaintOf, git } from "../session/git.ts";
import { SamocodeError } from "../text/errors.ts";
import { formatCount, formatDuration } from "../text/format.ts";
import { namesFleet, readFleetAddress } from "./address.ts";
import { Engine, type Environment } from "./engine.ts";
import { DEFAULT_LIMIT } from "./accounts.ts";
import { readRepository } from "./repository_url.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** Enough to tell whether git is set up here. */
const MAX_REMOTES = 8;
const REMOTE_MS = 20_000;

/** A clock difference that is worth a warning. Leases use the engine's clock only, so they are not affected. */
const MAX_CLOCK_MS = 5_000;

/** Runs all checks; stops at the first error, such as an engine out of reach. */
export async function diagnoseFleet(
  env: Environment,
  { folder }: { readonly folder: string },
): Promise<readonly Finding[]> {
  if (!namesFleet(env)) {
    return [
      problem(
        "SAMOCODE_FLEET is not set",
        "Set it to postgres://USER:PASSWORD@HOST/DATABASE, in your environment or ~/.config/samocode/.env",
      ),
    ];
  }
  try {
    const { shown, tls } = readFleetAddress(env);
    await using engine = await Engine.open(env, { use: "person", maxConnections: 1 });
    return [
      ok(`${shown} answers, schema ${SCHEMA_VERSION}`),
      ok(
        tls === undefined
          ? "No TLS: the connection does not leave this machine"
          : "TLS, with a verified certificate and host name",
      ),
      await aboutClock(engine),
      await aboutRights(engine),
      ...await aboutWorkers(engine),
      ...await aboutSessions(engine),
      ...await aboutRemotes(engine, folder),
    ];
  } catch (error) {
    if (error instanceof SamocodeError) return [problem(error.message, error.hint)];
    throw error;
  }
}

async function aboutClock(engine: Engine): Promise<Finding> {
  const before = Date.now();
  const { rows: [row] } = await engine.query("select clock_timestamp() as now");
  const now = row?.["now"];
  const difference = Math.abs((before + Date.now()) / 2 - (now instanceof Date ? now.getTime() : 0));
  if (difference <= MAX_CLOCK_MS) {
    return ok(`This machine's clock is within ${formatDuration(difference)} of the database's`);
  }
  return warning(
    `This machine's clock differs from the database's by ${formatDuration(difference)}`,
    "Sync both with NTP: leases are safe, but times in journals and waits for usage limits are off",
  );
}

async function aboutRights(engine: Engine): Promise<Finding> {
  const { rows: [me] } = await engine.query(
    `select current_user as name, pg_has_role(nspowner, 'usage') as owns from pg_namespace where nspname = $1`,
    [SCHEMA],
  );
  const name = String(me?.["name"]);
  if (me?.["owns"] === true) {
    return warning(
      `${name} owns the fleet, and has access to every project`,
      "Use it only for samocode fleet, and give each worker and person a role of its own",
    );
  }
  const { rows } = await engine.query(
    `select kind, array_agg(p.name order by p.name) as projects
    from unnest(array['worker', 'submitter', 'reader']) kind
    join ${SCHEMA}.project p on p.id in (select ${SCHEMA}.my_projects(array[kind])) group by kind order by kind`,
  );
  const places = rows.map(({ kind, projects }) => `${kind} in ${Array.isArray(projects) ? projects.join(", ") : ""}`);
  if (places.length > 0) return ok(`${name} is ${places.join("; ")}`);
  return problem(
    `${name} has no access to any project`,
    `Ask the fleet's owner to run: samocode fleet grant ${name} PROJECT`,
  );
}

async function aboutWorkers(engine: Engine): Promise<readonly Finding[]> {
  const { rows } = await engine.query(
    `select name, pool, slots, version, drains, extract(epoch from now() - seen_at)::float8 as ago
    from ${SCHEMA}.worker where seen_at > now() - interval '1 day' order by name limit 50`,
  );
  const isHere = (row: Readonly<Record<string, unknown>>): boolean => Number(row["ago"]) < 60;
  const findings = rows.map((row) => {
    const { name, pool, slots, version, drains, ago } = row;
    const text = `Worker ${name}: pool ${pool}, ${formatCount(Number(slots), "slot")}, samocode ${version}`;
    if (isHere(row)) return ok(drains === true ? `${text}; draining` : text);
    return warning(`${text}; silent for ${formatDuration(Number(ago) * 1_000)}`, "Check that its machine is up");
  });
  return rows.some(isHere) ? findings : [...findings, warning("No worker is running", "Start one: samocode worker")];
}

async function aboutSessions(engine: Engine): Promise<readonly Finding[]> {
  const { rows: states } = await engine.query(
    `select state, count(*)::int as count from ${SCHEMA}.session group by state order by state`,
  );
  const shown = states.map(({ state, count }) => `${count} ${state}`).join(", ");
  const { rows: stuck } = await engine.query(
    `select s.pool, s.account, array_to_string(s.labels, ',') as labels, coalesce(a.max_sessions, ${DEFAULT_LIMIT}) as limit, count(*)::int as count,
      not exists (select from ${SCHEMA}.worker w where w.pool = s.pool and w.seen_at > now() - interval '1 minute'
        and not w.drains and s.labels <@ w.labels
        and (cardinality(w.accounts) = 0 or s.account = any (w.accounts))) as unserved
    from ${SCHEMA}.session s left join ${SCHEMA}.account a on a.name = s.account
    where s.state = 'queued' group by s.pool, s.labels, s.account, a.max_sessions order by count desc limit 20`,
  );
  return [
    ok(shown === "" ? "No sessions yet" : `Sessions: ${shown}`),
    ...stuck.flatMap(({ pool, account, labels, limit, count, unserved }) => {
      const sessions = `${formatCount(Number(count), "queued session")} of account ${account} in pool ${pool}`;
      if (limit === 0) return [warning(`${sessions}: the limit is 0`, `Raise it: samocode fleet limit ${account} 1`)];
      const label = labels === "" ? "" : ` --label ${labels}`;
      const hint = `Start one: samocode worker --pool ${pool} --account ${account}${label}`;
      return unserved === true ? [warning(`${sessions}: no running worker takes them`, hint)] : [];
    }),
  ];
}

async function aboutRemotes(engine: Engine, folder: string): Promise<readonly Finding[]> {
  const { rows } = await engine.query(
    `select name, repository from ${SCHEMA}.project order by id desc limit ${MAX_REMOTES}`,
  );
  return await Promise.all(rows.map(({ name, repository }) => aboutRemote(String(name), String(repository), folder)));
}

async function aboutRemote(name: string, repository: string, folder: string): Promise<Finding> {
  // Validate it: somebody else wrote this row.
  const url = readRepository(repository);
  const asked = await git({ folder, timeoutMs: REMOTE_MS }, "ls-remote", "--", url, "HEAD");
  if (asked.code === 0) return ok(`git can reach the repository of ${name}: ${repository}`);
  const [why = ""] = complaintOf(asked).split("\n");
  return problem(`git cannot reach the repository of ${name}: ${why}`, `See why: git ls-remote ${repository}`);
}
