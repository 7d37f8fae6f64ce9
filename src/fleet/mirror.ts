/**
 * Copies of the fleet's sessions on this machine, for those who read: ordinary session folders in a folder that looks
 * like a project, so that every reader works with the code it has.
 *
 * @module
 */
import type { Engine } from "./engine.ts";
import type { FleetState } from "./contract.ts";

/** A session of the fleet that is mirrored here. */
export interface MirroredSession {
  /** Its row. */
  readonly id: string;
  readonly project: string;
  /** Without its day. */
  readonly name: string;
  /** The copy; `undefined` if the session has no event yet. */
  readonly folder: string | undefined;
  readonly state: FleetState;
  /** Why it rests. */
  readonly detail: string;
  /** The worker that drives it. */
  readonly holder: string | undefined;
}

/** The mirror of a project: its `.samocode` and its `sessions` are in it. */
export function mirrorFolder(
  _env: Readonly<Record<string, string>>,
  _of: { readonly key: string; readonly project: string },
): string {
  throw new Error("not yet");
}

/**
 * Makes the mirror's project folder with its `.samocode`, if it is not there.
 *
 * @returns The path of the `.samocode`, as `--config` takes it.
 */
export function prepareMirror(_folder: string): string {
  throw new Error("not yet");
}

/**
 * Brings the copy of one session up to date: new events, changed files, files that are gone.
 *
 * @param options.id The session's row.
 * @param options.folder The copy; made if it is not there.
 * @returns Whether anything was new.
 * @throws {SamocodeError} If what the engine has is no session, or the disk or the engine fails.
 */
export function mirrorSession(
  _engine: Engine,
  _options: { readonly id: string; readonly folder: string; readonly stateFolder: string },
): Promise<boolean> {
  throw new Error("not yet");
}

/** Which sessions are mirrored. */
export interface MirrorOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly stateFolder: string;
  /** Only of this project. */
  readonly project?: string | undefined;
  /** Only of this name, with or without its day. */
  readonly session?: string | undefined;
}

/**
 * Mirrors once: sessions that are not done, those that were done in the last 30 days, and one that is asked for by name
 * however old it is.
 */
export function mirrorFleet(_engine: Engine, _options: MirrorOptions): Promise<readonly MirroredSession[]> {
  throw new Error("not yet");
}

/** Mirrors, and keeps the mirrors current until it is disposed. */
export interface FollowOptions extends MirrorOptions {
  /** Called after a session's copy or row has changed. */
  readonly changed?: (session: MirroredSession) => void;
  /** Told of a session that cannot be mirrored; the others go on. */
  readonly failed?: (session: MirroredSession, error: unknown) => void;
}

/** Does {@linkcode mirrorFleet}, then follows what is shipped. It listens, and looks at all again when it reconnects. */
export function followFleet(_engine: Engine, _options: FollowOptions): Promise<AsyncDisposable> {
  throw new Error("not yet");
}
