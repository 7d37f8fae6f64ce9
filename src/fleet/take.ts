/**
 * Takes a session at rest out of the fleet and into a person's own project, where it becomes an ordinary local session.
 * No worker takes it again.
 *
 * @module
 */
import { basename, join } from "node:path";
import { placesOf, refuseAgents } from "../operations/people_only.ts";
import { checkpointName } from "../session/checkpoint.ts";
import { findSession } from "../session/find_session.ts";
import { askGit } from "../session/git.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { lstatIfExists, removeFolder } from "../system/files/files.ts";
import { cacheFolder, stateFolder } from "../system/user_folders.ts";
import { SamocodeError } from "../text/errors.ts";
import type { Workplace } from "../workflow/work.ts";
import { FleetCheckpoints } from "./checkpoint.ts";
import { Engine } from "./engine.ts";
import { findLocalProject, type FleetHost, type LocalProject } from "./local_project.ts";
import { materialize } from "./materialize.ts";
import { type FleetRow, readRows } from "./rows.ts";
import { SCHEMA } from "./schema.ts";
import { findFleetSession } from "./submit.ts";

/** A session that was brought to this machine. */
export interface TakenSession {
  readonly project: string;
  readonly session: string;
  readonly folder: string;
  /** `undefined` if the session has no worktree yet. */
  readonly worktree: string | undefined;
}

/**
 * Takes a session.
 *
 * @param session NAME or PROJECT/NAME.
 * @throws {SamocodeError} If it is running or queued, belongs to another repository, or conflicts with something here.
 */
export async function takeSession(
  host: FleetHost,
  session: string,
): Promise<TakenSession> {
  const local = await findLocalProject(host);
  if (local === undefined) {
    throw new SamocodeError("usage", `Cannot take ${session}: there is no project here to bring it to`, {
      hint: "Run it in a clone of the session's repository, once samocode init has set that up",
    });
  }
  refuseAgents({ verb: "take a session", env: host.env, places: ["/", ...placesOf(local)] });
  await using engine = await Engine.open(host.env, { use: "person" });
  const row = await findRow(engine, { session, here: local.project });
  checkTakable(row);
  checkFree(local, row);
  const epoch = await fence(engine, row);
  try {
    return await bring(engine, { host, local, row, epoch });
  } catch (error) {
    await giveBack(engine, { row, epoch });
    throw error;
  }
}

async function findRow(
  engine: Engine,
  { session, here }: { readonly session: string; readonly here: string | undefined },
): Promise<FleetRow> {
  const [first = "", second] = session.split("/");
  const wanted = second === undefined ? { project: undefined, name: session } : { project: first, name: second };
  const { project, name } = await findFleetSession(engine, { ...wanted, here });
  const [row] = await readRows(engine, { project, session: name });
  if (row === undefined) throw new Error(`the row of ${name} is gone`);
  return row;
}

function checkTakable({ name, state, folder, detail, worker }: FleetRow): void {
  if (state === "running" || state === "queued") {
    const where = state === "running" ? `it is running on ${worker}` : "it is queued";
    throw new SamocodeError("conflict", `Cannot take ${name}: ${where}`, {
      hint: `Stop it first: samocode stop ${name} --fleet`,
    });
  }
  if (state === "taken") {
    throw new SamocodeError("conflict", `Cannot take ${name}: ${detail}`, { hint: "Continue it on that machine" });
  }
  if (folder === undefined) {
    throw new SamocodeError("conflict", `Cannot take ${name}: no worker has started it, so there is nothing to bring`, {
      hint: 'Start it here instead: samocode run "what to do"',
    });
  }
}

/** Refuses a project of another repository, or one that has a session of this name. */
function checkFree({ settings, repository }: LocalProject, row: FleetRow): void {
  if (repository !== row.repository) {
    throw new SamocodeError("conflict", `Cannot take ${row.name} to this project: it works on ${row.repository}`, {
      hint: `The origin of this project is ${repository ?? "not set"}. Run it in a clone of ${row.repository}`,
    });
  }
  const place = findSession(settings.sessions, row.name);
  if (!place.exists) return;
  throw new SamocodeError("conflict", `Cannot take ${row.name}: this project already has a session of that name`, {
    hint: `Rename that one first: samocode rename ${row.name} NEW_NAME`,
  });
}

/** Fences off all workers by raising the epoch: none holds the session from here on, and none can claim it. */
async function fence(engine: Engine, { id, name, epoch }: FleetRow): Promise<number> {
  const { rows: [fenced] } = await engine.query(
    `update ${SCHEMA}.session set state = 'taken', wanted = false, holder = null, epoch = epoch + 1,
      detail = 'Taken to another machine by ' || session_user,
      changed_at = now()
    where id = $1 and epoch = $2 and not wanted and state not in ('queued', 'running', 'taken') returning epoch`,
    [id, epoch],
  );
  if (typeof fenced?.["epoch"] === "number") return fenced["epoch"];
  throw new SamocodeError(
    "conflict",
    `Cannot take ${name}: it has continued meanwhile, or your role may only read it`,
    {
      hint: `Check its state: samocode status ${name} --fleet`,
    },
  );
}

async function giveBack(
  engine: Engine,
  { row: { id, state, detail }, epoch }: { readonly row: FleetRow; readonly epoch: number },
): Promise<void> {
  await engine.query(
    `update ${SCHEMA}.session set state = $3, detail = $4, changed_at = now()
    where id = $1 and epoch = $2 and state = 'taken'`,
    [id, epoch, state, detail],
  );
}

async function bring(
  engine: Engine,
  { host, local: { settings }, row, epoch }: {
    readonly host: FleetHost;
    readonly local: LocalProject;
    readonly row: FleetRow;
    readonly epoch: number;
  },
): Promise<TakenSession> {
  const state = stateFolder(host.env);
  const path = join(settings.sessions, row.folder ?? row.name);
  await materialize(engine, { id: row.id, folder: path, stateFolder: state });
  using folder = SessionFolder.open(path, { stateFolder: state });
  try {
    const { workplace } = folder.history;
    const worktree = workplace?.branch === undefined
      ? undefined
      : await bringWork({ host, settings, row, epoch }, { workplace, name: checkpointName(folder.layout, workplace) });
    if (workplace !== undefined && worktree !== undefined) {
      folder.journal.append({ type: "session.prepared", workplace: { ...workplace, path: worktree } });
    }
    return { project: row.project, session: folder.name, folder: path, worktree };
  } catch (error) {
    folder.journal.forget();
    removeFolder(path);
    throw error;
  }
}

/** Creates branch and worktree here. Returns the worktree; `undefined` if the remote has no work of the session. */
async function bringWork(
  { host, settings: { mainRepo, worktrees }, row, epoch }: {
    readonly host: FleetHost;
    readonly settings: LocalProject["settings"];
    readonly row: FleetRow;
    readonly epoch: number;
  },
  { workplace: { path, branch = "" }, name }: { readonly workplace: Workplace; readonly name: string },
): Promise<string | undefined> {
  const worktree = join(worktrees, basename(path.replaceAll("\\", "/")));
  const isThere = lstatIfExists(worktree) !== undefined ||
    await askGit(mainRepo, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`) !== undefined;
  if (isThere) {
    throw new SamocodeError(
      "conflict",
      `Cannot take ${row.name}: ${worktree} or the branch ${branch} already exists`,
      {
        hint: "Remove the one and rename the other: git worktree remove, git branch -m",
      },
    );
  }
  const checkpoints = await FleetCheckpoints.begin({
    ...{ repo: mainRepo, name, session: row.id, epoch },
    cacheFolder: cacheFolder(host.env),
  });
  if (checkpoints.restored === undefined) return undefined;
  await checkpoints.restore({ worktree, branch });
  return worktree;
}
