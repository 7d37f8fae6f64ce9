/**
 * What every benchmark gets.
 *
 * @module
 */

/** What every benchmark gets. */
export interface BenchOptions {
  /** The folder of the project. */
  readonly root: string;
  /** An empty folder; on another disk with `TMPDIR=…`. */
  readonly scratch: string;
  /** A few rounds of little, to see that it runs; the figures mean nothing then. */
  readonly quick: boolean;
  readonly write: (line: string) => void;
}
