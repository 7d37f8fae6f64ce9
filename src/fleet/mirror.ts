/**
 * Copies of the fleet's sessions on this machine, for those who read: ordinary session folders in a folder that looks
 * like a project, so that every reader works with the code it has.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { sessionNames } from "../session/find_session.ts";
import { PROJECT_FILE } from "../settings/load_settings.ts";
import { lstatIfExists, readTextIfExists, writeAtomic } from "../system/files/files.ts";
import { systemError } from "../text/errors.ts";
import type { Engine } from "./engine.ts";
import { EngineOutage } from "./engine_errors.ts";
import type { MaterializeOptions } from "./materialize.ts";
import { MirrorCopy } from "./mirror_copy.ts";
import { MirrorFollower } from "./mirror_follower.ts";
import { type MirroredSession, type MirrorRow, readMirrorRows } from "./mirror_rows.ts";

const PROJECT_TEXT = `# samocode keeps copies of a fleet's sessions here. Changes to them are lost.
MAIN_REPO=.
WORKTREES=./worktrees
SESSIONS=./sessions
`;

/**
 * Makes the mirror's folder with its `.samocode`, if it is not there.
 *
 * @param folder From {@linkcode mirrorFolder}.
 * @returns The path of the `.samocode`, as `--config` takes it.
 */
export function prepareMirror(folder: string): string {
  const projectFile = join(folder, PROJECT_FILE);
  try {
    for (const name of ["sessions", "worktrees"]) {
      Deno.mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    }
    if (readTextIfExists(projectFile) !== PROJECT_TEXT) writeAtomic(projectFile, PROJECT_TEXT, { newMode: 0o600 });
  } catch (error) {
    throw systemError(`Cannot create the folder ${folder} for copies of the fleet's sessions`, {
      error,
      hint: "Check its permissions, or set XDG_DATA_HOME to another folder",
    });
  }
  return projectFile;
}

/**
 * Brings the copy of one session up to date: new events, changed files, files that are gone.
 *
 * @param options.folder The copy; made if it is not there.
 * @returns Whether anything was new.
 * @throws {SamocodeError} If what the engine has is no session, or the disk or the engine fails.
 */
export async function mirrorSession(engine: Engine, options: MaterializeOptions): Promise<boolean> {
  using copy = new MirrorCopy(options);
  return await copy.sync(engine);
}

/** Which sessions are copied. */
export interface MirrorOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly stateFolder: string;
  /** Only of this project. */
  readonly project?: string | undefined;
  /** Only of this name, with or without its day. */
  readonly session?: string | undefined;
  /** Told of a session that cannot be copied; the others go on. Without it, one that was named throws. */
  readonly failed?: (session: MirroredSession, error: unknown) => void;
}

/**
 * Copies sessions that are not done, those that were done in the last 30 days, and one that is named however old it is.
 * Copies of sessions that the fleet has no more are removed.
 *
 * @throws {SamocodeError} If the engine cannot be reached.
 */
export async function mirrorFleet(engine: Engine, options: MirrorOptions): Promise<readonly MirroredSession[]> {
  const { stateFolder, session, failed } = options;
  const rows = await readMirrorRows(engine, options);
  if (session === undefined) removeVanished(rows, stateFolder);
  const wanted = rows.filter((row) => isWanted(row, options));
  for (const { id, folder, stamp, ...about } of wanted) {
    if (folder === undefined) continue;
    using copy = new MirrorCopy({ id, folder, stateFolder });
    try {
      if (!copy.isCurrent(stamp)) await copy.sync(engine);
    } catch (error) {
      if (error instanceof EngineOutage || (failed === undefined && session !== undefined)) throw error;
      failed?.({ id, folder, ...about }, error);
    }
  }
  return wanted;
}

/** What else is told to those who follow. */
export interface FollowOptions extends MirrorOptions {
  /** Called after a session's copy or row has changed. */
  readonly changed?: (session: MirroredSession) => void;
}

/**
 * Copies as {@linkcode mirrorFleet} does, and keeps the copies current until it is disposed. It listens, and looks at all
 * again whenever the connection has come back.
 */
export async function followFleet(engine: Engine, options: FollowOptions): Promise<AsyncDisposable> {
  const follower = new MirrorFollower(engine, {
    ...options,
    isWanted: (row) => isWanted(row, options),
    vanished: (rows) => {
      if (options.session === undefined) removeVanished(rows, options.stateFolder);
    },
  });
  await follower.start();
  return follower;
}

function isWanted({ isOld }: MirrorRow, { session }: Pick<MirrorOptions, "session">): boolean {
  return session !== undefined || !isOld;
}

/** Removes copies whose sessions are none of these rows, in the projects that the rows name. */
function removeVanished(rows: readonly MirrorRow[], stateFolder: string): void {
  const folders = new Set(rows.flatMap(({ folder }) => folder ?? []));
  for (const sessions of new Set([...folders].map((folder) => dirname(folder)))) {
    if (lstatIfExists(sessions) === undefined) continue;
    for (const name of sessionNames(sessions)) {
      const folder = join(sessions, name);
      if (!folders.has(folder)) new MirrorCopy({ id: "", folder, stateFolder }).remove();
    }
  }
}
