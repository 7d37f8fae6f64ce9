/**
 * Brings a session to this machine: its folder from the engine, its branch and worktree from git. Anything that an
 * earlier lease left here is set aside.
 *
 * @module
 */
import { basename, join } from "node:path";
import { openOrCreate } from "../operations/start_session.ts";
import { loadSamocode, type Samocode } from "../operations/samocode.ts";
import { checkpointName } from "../session/checkpoint.ts";
import { findSession } from "../session/find_session.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { lstatIfExists } from "../system/files/files.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Workplace } from "../workflow/work.ts";
import { setAside } from "./aside.ts";
import { FleetCheckpoints } from "./checkpoint.ts";
import type { Lease } from "./contract.ts";
import type { Engine } from "./engine.ts";
import { checkHeld } from "./lease.ts";
import { type FleetPlace, machineMarker, prepareProject, type ProjectPlace } from "./machine.ts";
import { environmentFor } from "./machine_settings.ts";
import { materialize } from "./materialize.ts";
import { type Decided, decidedAfter } from "./rests.ts";
import { SCHEMA } from "./schema.ts";
import { readSessionRow, type SessionRow } from "./session_row.ts";
import { Shipper } from "./shipper.ts";

/** What all sessions on a fleet machine share. */
export interface Machine extends Pick<Samocode, "env" | "self" | "shippedRoot" | "version"> {
  /** The worker's name. */
  readonly worker: string;
  readonly place: FleetPlace;
}

/** A session that was brought to this machine. */
export interface TakenUp extends Disposable {
  readonly samocode: Samocode;
  readonly row: SessionRow;
  readonly folder: SessionFolder;
  readonly shipper: Shipper;
  readonly checkpoints: FleetCheckpoints;
  readonly decided: Decided;
  /** Whether its worktree was created just now. */
  readonly isFresh: boolean;
}

/**
 * Brings a claimed session to this machine.
 *
 * @throws {FencedError} If another worker has taken over.
 * @throws {SamocodeError} If its project or its work cannot be brought here.
 */
export async function takeUp(
  engine: Engine,
  lease: Lease,
  { machine, abort }: { readonly machine: Machine; readonly abort: AbortSignal },
): Promise<TakenUp> {
  const row = await readSessionRow(engine, lease);
  const env = environmentFor(machine.env, row.request);
  const { project, request: { settings, provider } } = row;
  const place = await prepareProject({ ...machine.place, project, settings, env, abort });
  const samocode = loadSamocode({
    ...machine,
    env,
    workingDirectory: place.folder,
    config: place.projectFile,
    flags: provider === undefined ? {} : { provider },
  });
  using stack = new DisposableStack();
  const { folder, after, files, decided } = await folderOf(engine, lease, { row, place, samocode });
  stack.use(folder);
  const path = folder.layout.folder;
  const shipper = stack.use(
    new Shipper(engine, lease, { folder: path, stateFolder: samocode.stateFolder, after, files }),
  );
  await noteFolder(engine, lease, { row, folder: basename(path) });
  const { workplace } = folder.history;
  const checkpoints = await FleetCheckpoints.begin({
    repo: place.repo,
    name: workplace === undefined ? folder.layout.name : checkpointName(folder.layout, workplace),
    session: lease.id,
    epoch: lease.epoch,
    cacheFolder: samocode.cacheFolder,
    marker: machineMarker(place),
    abort,
  });
  const isFresh = workplace !== undefined && await restore(folder, { workplace, checkpoints, place });
  if (lease.epoch > 1 && after > 0) {
    folder.journal.append({ type: "session.moved", worker: machine.worker, epoch: lease.epoch });
  }
  if (workplace?.branch !== undefined && workplace.path !== placeOf(workplace, place)) {
    folder.journal.append({ type: "session.prepared", workplace: { ...workplace, path: placeOf(workplace, place) } });
  }
  await shipper.ship();
  const kept = stack.move();
  return {
    ...{ samocode, row, folder, shipper, checkpoints, decided, isFresh },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Writes the session's folder, or creates it if no worker has started the session yet. */
async function folderOf(
  engine: Engine,
  { id, session: name }: Lease,
  { row, place, samocode }: {
    readonly row: SessionRow;
    readonly place: ProjectPlace;
    readonly samocode: Samocode;
  },
): Promise<
  Pick<TakenUp, "folder" | "decided"> & Pick<Awaited<ReturnType<typeof materialize>>, "after" | "files">
> {
  const { stateFolder, now } = samocode;
  // Its folder may have another date, if an earlier worker was lost before it shipped anything.
  const left = findSession(place.sessions, name);
  if (left.exists) await setAside({ place, name, folder: basename(left.path) });
  if (row.folder !== undefined && row.lines > 0) {
    const folder = join(place.sessions, row.folder);
    const { after, files } = await materialize(engine, { id, folder, stateFolder });
    let decided: Decided;
    const see = (event: RecordedEvent): void => void (decided = decidedAfter(decided, event));
    return { folder: SessionFolder.open(folder, { stateFolder, now, see }), after, files, decided };
  }
  // Set aside a worktree or branch of this name that an earlier lease left.
  const path = join(place.worktrees, name);
  await setAside({ place, name, workplace: { path, branch: samocode.settings.branchPrefix + name } });
  const { settings: _settings, task, dive, ...rest } = row.request;
  const { folder } = await openOrCreate(samocode, name, { ...rest, task, dive, by: row.by });
  return { folder, after: 0, files: new Map(), decided: undefined };
}

/** Recreates branch and worktree as the previous worker had them, unless they are here. Returns whether it did. */
async function restore(
  { layout: { name } }: SessionFolder,
  { workplace, checkpoints, place }: {
    readonly workplace: Workplace;
    readonly checkpoints: FleetCheckpoints;
    readonly place: ProjectPlace;
  },
): Promise<boolean> {
  const { branch } = workplace;
  const path = placeOf(workplace, place);
  if (branch === undefined || checkpoints.restored === undefined) return false;
  const worktree = { worktree: path, branch };
  if (lstatIfExists(path) !== undefined && await checkpoints.isCurrent(worktree)) return false;
  await setAside({ place, name, workplace: { path, branch } });
  await checkpoints.restore(worktree);
  return true;
}

/** A worktree's path on this machine. */
function placeOf({ path }: Workplace, { worktrees }: ProjectPlace): string {
  return join(worktrees, basename(path.replaceAll("\\", "/")));
}

async function noteFolder(engine: Engine, lease: Lease, { row, folder }: {
  readonly row: SessionRow;
  readonly folder: string;
}): Promise<void> {
  if (row.folder === folder) return;
  await engine.transaction(async (transaction) => {
    await checkHeld(transaction, lease);
    await transaction.query(`update ${SCHEMA}.session set folder = $2 where id = $1`, [lease.id, folder]);
  });
}
