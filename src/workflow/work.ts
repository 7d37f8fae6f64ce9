/**
 * Where a session works, what it has committed there, and where that went.
 *
 * @module
 */
import { PHASE_NAMES } from "./phases.ts";
import { type Checked, listOf, number, oneOf, optional, orUndefined, record, text } from "./shape.ts";

/** Checks a workplace read from a journal. */
export const workplace = record({
  /** The agent's working directory: the worktree, or the project folder itself. */
  path: text,
  /** The session's own branch; `undefined` if it works in the project folder directly. */
  branch: orUndefined(text),
  /** What the branch was created from. */
  base: orUndefined(text),
  /** What a person should know about this place; may be empty. */
  note: text,
});

/** Where a session works. */
export type Workplace = Checked<typeof workplace>;

/** Checks an adoption read from a journal. */
export const adoption = record({
  phase: oneOf(PHASE_NAMES),
  iterations: number,
  iterationsInVisit: number,
  qualityIterations: number,
  /** Its own worktree, if there was one. */
  workplace: optional(workplace),
});

/** What samocode adopted of a session that it did not begin. */
export type Adoption = Checked<typeof adoption>;

/** Checks a state read from a journal. */
export const workState = record({
  /** Of the files in the workplace, committed or not. */
  tree: text,
  /** Of the plan, the questions and all other documents. */
  documents: text,
  /** Of what agents and people wrote into the notebook. */
  notebook: text,
});

/** Hashes of what a session consists of at one moment. Only their equality means something. */
export type WorkState = Checked<typeof workState>;

/** What an event says about the commits of a session. */
export const work = {
  /** The commit that the session began from, and its last one. */
  base: text,
  head: text,
  commits: number,
  /** The newest commits, each as its short id and subject. */
  newest: listOf(text),
  files: number,
  added: number,
  removed: number,
  /** Of the files that changed most. */
  changes: listOf(record({ path: text, added: number, removed: number })),
};
const isWork = record(work);

/** What a session has committed. Lines are counted as git does; a binary file has none. */
export type Work = Checked<typeof isWork>;

/** What an event says about the end of that work. */
export const finish = {
  how: oneOf(["merged", "pushed"]),
  /** A branch; after a push with its remote, as in `origin/add-jwt`. */
  into: text,
  /** The session's last commit. */
  head: text,
  /** What that branch was at then. */
  commit: text,
  /** Of the pull request. */
  url: optional(text),
  by: text,
};
const isFinish = record(finish);

/** Where the work of a session went. */
export type Finish = Checked<typeof isFinish>;
