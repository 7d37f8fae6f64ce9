/**
 * How much and how long, the same at every door.
 *
 * @module
 */

/** Limits on what comes in, in characters unless the name says otherwise. */
export const MAX = {
  /** A task and a dive: told to every agent, and far below what a notebook may hold. */
  assignment: 500_000,
  /** A task, guidance or feedback that comes through a model. */
  message: 20_000,
  answer: 4_000,
  answers: 200,
  /** A page of a file, in bytes. Claude Code puts results over about 50 kB into a file. */
  pageBytes: 40_000,
  /** The longest single wait. */
  waitSeconds: 86_400,
} as const;

/** What holds where nobody asks for anything else. */
export const DEFAULT = {
  /** About 2,000 tokens: most documents fit. */
  pageBytes: 8_000,
  /** Codex gives up a call after 300 s, the others that were tried later. */
  waitSeconds: 240,
} as const;

/** How long something may take before it counts as failed, in milliseconds. */
export const WITHIN_MS = {
  /** A little longer than listeners are given to close; what takes longer is told to whoever wants the lock. */
  release: 25_000,
  /** Ending an agent takes up to seven seconds, its children some more. */
  stop: 30_000,
} as const;

/** How soon something is seen that no file's change tells of, in milliseconds. */
export const LOOK_MS = {
  /** A worker's death; also how often a client should ask for a task. */
  death: 2_000,
  /** The death of whoever holds the lock that somebody waits for. */
  release: 250,
} as const;
