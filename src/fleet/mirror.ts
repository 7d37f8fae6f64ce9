/**
 * The mirror: copies of the fleet's sessions on this machine. They are ordinary session folders in a folder that looks
 * like a project, so that existing readers work unchanged.
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
 * Creates the mirror's folder with its `.samocode` if needed.
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
 * Updates the copy of one session: new events, changed files and removed files.
 *
 * @param options.folder The copy; created if missing.
 * @returns Whether anything was new.
 * @throws {SamocodeError} If the engine's data is not a valid session, or the disk or the engine fails.
 */
export async function mirrorSession(engine: Engine, options: MaterializeOptions): Promise<boolean> {
  using copy = new MirrorCopy(options);
  return await copy.sync(engine);
}

/** Which sessions to copy. */
export interface MirrorOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly stateFolder: string;
  /** Only sessions of this project. */
  readonly project?: string | undefined;
  /** Only the session of this name, with or without its date. */
  readonly session?: string | undefined;
  /**
   * Called for a session that cannot be copied; the others continue. Without it, the error is thrown if a session is
   * named, and ignored otherwise.
   */
  readonly failed?: (session: MirroredSession, error: unknown) => void;
}

/**
 * Copies all sessions except those done over 30 days ago; a named session is copied at any age. Removes copies of
 * sessions that the fleet no longer has.
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

/** Options for following. */
export interface FollowOptions extends MirrorOptions {
  /** Called after a session's copy or row has changed. */
  readonly changed?: (session: MirroredSession) => void;
}

/**
 * Copies as {@linkcode mirrorFleet} does, and keeps the copies current until disposed. Listens for changes, and checks
 * all sessions again after each reconnect.
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

/** Removes copies without a row, in the projects that the rows name. */
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
