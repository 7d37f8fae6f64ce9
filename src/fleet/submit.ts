/**
 * Submits new sessions to the fleet, as rows that workers take.
 *
 * @module
 */
import { type Assignment, checkAssignment } from "../operations/assignment.ts";
import { withFreeName } from "../operations/start_session.ts";
import { bareName, checkSessionName } from "../session/session_name.ts";
import { SamocodeError } from "../text/errors.ts";
import type { FleetRequest } from "./contract.ts";
import type { Engine } from "./engine.ts";
import { sendable } from "./machine_settings.ts";
import { readRepository } from "./repository_url.ts";
import { readRows } from "./rows.ts";
import { checkProjectName, openProject } from "./roles.ts";
import { SCHEMA } from "./schema.ts";
import { checkWord } from "./words.ts";

/** A repository, and its project's name in the fleet. */
export interface SubmitPlace {
  readonly project: string;
  /** Its address for git; may be `undefined` for a project that the fleet already has. */
  readonly repository: string | undefined;
}

/** What to start, and with which options. */
export interface Submission extends Assignment {
  /** `undefined` derives the name from the task. */
  readonly session: string | undefined;
  readonly maxCostUsd?: number | undefined;
  readonly provider?: string | undefined;
  /** Settings of the submitter's project, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** The account whose limit it counts against. */
  readonly account?: string | undefined;
  /** Higher goes first. */
  readonly priority?: number | undefined;
  readonly pool?: string | undefined;
  /** Only a worker with all of these takes it. */
  readonly labels?: readonly string[] | undefined;
  /** Who asked; recorded in the journal. */
  readonly by: string;
}

/** A submitted session. */
export interface Submitted {
  readonly id: string;
  readonly project: string;
  readonly session: string;
}

/**
 * Records a session; a trigger notifies the workers.
 *
 * @throws {SamocodeError} If its name is taken, the project is unknown, or an option is not valid.
 */
export async function submitSession(
  engine: Engine,
  place: SubmitPlace,
  submission: Submission,
): Promise<Submitted> {
  checkAssignment(submission);
  const { session } = submission;
  const project = await projectFor(engine, place);
  const add = (name: string) => insert(engine, { project, name, submission });
  const added = session === undefined ? await withFreeName(submission, add) : await add(bareName(session));
  return { ...added, project: place.project };
}

/** The project's id in the fleet. */
async function projectFor(engine: Engine, { project, repository }: SubmitPlace): Promise<unknown> {
  checkProjectName(project);
  const find = `select id::text, repository from ${SCHEMA}.project where name = $1`;
  const { rows: [found] } = await engine.query(find, [project]);
  if (found === undefined && repository === undefined) {
    throw new SamocodeError(
      "usage",
      `Cannot find the project ${project} in the fleet: it does not exist, or your role has no access`,
      {
        hint: "Name its repository with --repo URL, or ask the fleet's owner to run: samocode fleet grant ROLE PROJECT",
      },
    );
  }
  return found === undefined || (repository !== undefined && found["repository"] !== repository)
    ? await openProject(engine, { name: project, repository: repository ?? "" })
    : found["id"];
}

async function insert(
  engine: Engine,
  { project, name, submission }: {
    readonly project: unknown;
    readonly name: string;
    readonly submission: Submission;
  },
): Promise<{ readonly id: string; readonly session: string }> {
  const { pool = "default", account = "default", priority = 0, labels = [], by } = submission;
  checkSessionName(name);
  checkWord(pool, "pool");
  checkWord(account, "account");
  for (const label of labels) checkWord(label, "label");
  const { rows: [row] } = await engine.query(
    `insert into ${SCHEMA}.session (project, name, request, pool, labels, account, priority, by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (project, name) do nothing returning id::text`,
    [project, name, JSON.stringify(requestOf(submission)), pool, labels, account, priority, by],
  );
  const id = row?.["id"];
  if (typeof id !== "string") {
    throw new SamocodeError("conflict", `Cannot submit ${name}: the project already has a session of that name`, {
      hint: `Choose another name with --session, or look at that one: samocode status ${name} --fleet`,
    });
  }
  return { id, session: name };
}

function requestOf({ task, dive, light, plan, maxCostUsd, provider, settings }: Submission): FleetRequest {
  return { task, dive, light, plan, maxCostUsd, provider, settings: sendable(settings) };
}

/**
 * Checks the URL of a repository that everybody in the fleet will see and every worker will clone.
 *
 * @throws {SamocodeError} If it has a password or token, or git would run a program for it.
 */
export function checkRepository(url: string): string {
  if (/^https?:\/\/[^/]*@/i.test(url) || /^[a-z+]+:\/\/[^/@]*:[^/@]*@/i.test(url)) {
    throw new SamocodeError("usage", "Cannot use this repository's address: it contains a password or a token", {
      hint: "Everybody in the fleet would see it. Remove it, and set up a git credential helper on the workers",
    });
  }
  return readRepository(url);
}

/** The default name of a repository's project: the last part of its address. */
export function projectOf(repository: string): string {
  const last = repository.replace(/[\\/]+$/, "").split(/[\\/:]/).at(-1) ?? "";
  return last.replace(/\.git$/i, "");
}

/**
 * Finds the project of a session: the given one, else this folder's, else the only one with a session of that name.
 *
 * @throws {SamocodeError} If no project or several have such a session.
 */
export async function findFleetSession(
  engine: Engine,
  { name, project, here }: {
    readonly name: string;
    readonly project: string | undefined;
    /** The project of this folder, if the fleet has it. */
    readonly here: string | undefined;
  },
): Promise<{ readonly project: string; readonly name: string }> {
  const rows = await readRows(engine, { project, session: name });
  const [only, ...others] = rows;
  const own = rows.find((row) => row.project === here);
  const found = own ?? (others.length === 0 ? only : undefined);
  if (found !== undefined) return { project: found.project, name };
  if (only !== undefined) {
    throw new SamocodeError("usage", `Cannot choose a session: several projects have one called ${name}`, {
      hint: `Name one of ${rows.slice(0, 8).map((row) => `${row.project}/${row.name}`).join(", ")}`,
    });
  }
  const newest = (await readRows(engine, { project: project ?? here, most: 5 })).map((row) => row.name);
  throw new SamocodeError("usage", `Cannot find a session called ${name} in the fleet`, {
    hint: newest.length === 0 ? "See them all: samocode list --fleet" : `The newest are ${newest.join(", ")}`,
  });
}
