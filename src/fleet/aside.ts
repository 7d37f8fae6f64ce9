/**
 * What earlier leases left on a machine: copies of sessions that went on elsewhere, and what a killed worker did not
 * finish. Work is set aside, never deleted while the remote does not have it.
 *
 * @module
 */
import type { FleetPlace, ProjectPlace } from "./machine.ts";

/** A local copy of a session. */
export interface LocalCopy {
  readonly place: ProjectPlace;
  /** The session's name: without its day. */
  readonly name: string;
  /** The session's folder with its day, if it is known. */
  readonly folder?: string | undefined;
  /** The worktree and the branch, if the session has them. */
  readonly workplace?: { readonly path: string; readonly branch: string | undefined } | undefined;
  readonly now?: Date;
}

/**
 * Moves a session's folder, worktree, branch and numbered checkpoints out of the way.
 *
 * @returns Where they are now; `undefined` if there was nothing.
 */
export function setAside(_copy: LocalCopy): Promise<string | undefined> {
  throw new Error("not built yet");
}

/** What was found and ended. */
export interface Swept {
  /** Processes that were ended. */
  readonly pids: readonly number[];
  /** Locks of git that were removed, and half clones. */
  readonly removed: readonly string[];
}

/**
 * Ends what a killed worker of this machine left, and removes what is aside for long and on the remote as well. Called
 * before a worker takes work.
 *
 * @param place `stateFolder` is where the heads of journals are.
 */
export function sweepMachine(
  _place: FleetPlace & { readonly stateFolder: string; readonly now?: Date },
): Promise<Swept> {
  throw new Error("not built yet");
}
