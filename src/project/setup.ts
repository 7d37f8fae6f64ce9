/**
 * What init, doctor and install know before a project is set up.
 *
 * @module
 */

/** Where the program was started. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

/** The program itself, and where it was started. */
export interface Setup extends Surroundings {
  /** The folder of the shipped skills, commands and agents. */
  readonly shippedRoot: string;
  readonly version: string;
  /** The command that starts this program, without arguments. */
  readonly self: readonly string[];
}
