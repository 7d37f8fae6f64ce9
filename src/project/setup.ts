/**
 * What the program knows before any project is set up.
 *
 * @module
 */

/** The program and the person's machine. */
export interface Setup {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Where the shipped texts lie. */
  readonly shippedRoot: string;
  readonly version: string;
  /** How this very program is called, its own arguments left out. */
  readonly self: readonly string[];
}
