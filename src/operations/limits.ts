/**
 * Limits and timeouts, the same at every door.
 *
 * @module
 */

/** Limits on input, in characters unless the name says otherwise. */
export const MAX = {
  /** A task and a dive together. Every agent gets them. */
  assignment: 500_000,
  /** A task, note or feedback that a model passes on. */
  message: 20_000,
  answer: 4_000,
  answers: 200,
  /** A page of a file, in bytes. Claude Code moves results over about 50 kB to a file. */
  pageBytes: 40_000,
  /** The longest single wait. */
  waitSeconds: 86_400,
} as const;

/** Defaults. */
export const DEFAULT = {
  /** About 2,000 tokens; most documents fit. */
  pageBytes: 8_000,
  /** Codex abandons a call after 300 s, other clients later. */
  waitSeconds: 240,
} as const;

/** Timeouts, in milliseconds. */
export const WITHIN_MS = {
  /** For a worker to release its lock after its last event; slightly longer than listeners get to close. */
  release: 25_000,
  /** For a worker to stop. Ending an agent takes up to seven seconds, its children longer. */
  stop: 30_000,
} as const;

/** Polling intervals for what no file change reports, in milliseconds. */
export const LOOK_MS = {
  /** For the death of a worker; also how often a client should poll a task. */
  death: 2_000,
  /** For the death of the process that holds a lock. */
  release: 250,
} as const;
