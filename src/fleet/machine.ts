/**
 * A project's folder on a machine of the fleet: the clone, the worktrees, the sessions, and `.samocode`.
 *
 * @module
 */

/** Where the fleet is on this machine, and which. */
export interface FleetPlace {
  /** The user's data folder. */
  readonly data: string;
  /** Names the fleet in paths. */
  readonly key: string;
}

/** A project as the engine has it. */
export interface FleetProject {
  readonly id: string;
  readonly name: string;
  /** Its URL or path, as git takes it. Outside input. */
  readonly repository: string;
}

/** The paths of a project on a machine. All below `folder`. */
export interface ProjectPlace extends FleetPlace {
  readonly folder: string;
  readonly repo: string;
  readonly sessions: string;
  readonly worktrees: string;
  /** `.samocode`; to be loaded with `config`. */
  readonly projectFile: string;
}

/** The folder of a fleet on this machine: `<data>/fleet/<key>`. */
export function fleetFolder(_place: FleetPlace): string {
  throw new Error("not built yet");
}

/** The paths of a project, whether or not it is there. */
export function projectPlace(_place: FleetPlace & { readonly project: Pick<FleetProject, "id"> }): ProjectPlace {
  throw new Error("not built yet");
}

/**
 * Clones a project's repository if it is not there yet, fetches it, and writes `.samocode`. Several workers and sessions
 * of a machine may do so at once.
 *
 * @throws {SamocodeError} If the repository cannot be cloned or fetched, is refused, or its clone has another origin.
 */
export function prepareProject(
  _place: FleetPlace & {
    readonly project: FleetProject;
    /** The session's, from its request; only `CHECK` and `GIT_BRANCH_PREFIX` are taken. */
    readonly settings: Readonly<Record<string, string>>;
    /** The worker's own: what `.samocode` says is trusted in the user's name. */
    readonly env: Readonly<Record<string, string>>;
    /** Ends a git that waits for the network. */
    readonly abort?: AbortSignal | undefined;
  },
): Promise<ProjectPlace> {
  throw new Error("not built yet");
}
