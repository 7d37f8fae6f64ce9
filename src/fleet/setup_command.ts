/**
 * What a machine's owner has run in a worktree before a session's agents work there, such as `npm ci`.
 *
 * @module
 */
import type { Samocode } from "../operations/samocode.ts";

/** Where to run it. */
export interface SetupJob {
  /** The project's name. */
  readonly project: string;
  /** The session's name. */
  readonly session: string;
  readonly worktree: string;
  readonly sessionFolder: string;
  /** In the environment of all it starts. */
  readonly marker: string;
  readonly abort: AbortSignal;
}

/**
 * Runs the commands of `SAMOCODE_FLEET_SETUP`, one after the other, behind the walls of a check.
 *
 * @throws {SamocodeError} With the last lines of the first that fails.
 */
export function runSetup(_samocode: Samocode, _job: SetupJob): Promise<void> {
  throw new Error("not built yet");
}
