/**
 * What the judge gets about a fleet's sessions: rows of the engine, commits, and observations during the storm.
 *
 * @module
 */
import type { Act, ActOutcome } from "../../src/fleet/contract.ts";

/** A line of a session's journal in the engine. */
export interface JournalRow {
  readonly seq: number;
  readonly epoch: number;
  readonly type: string;
  readonly line: string;
}

/** A person's decision. */
export interface ActRow {
  readonly act: Act;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly outcome: ActOutcome | undefined;
}

/** A change of a session's row, recorded by a trigger in the same transaction. */
export interface ChangeRow {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly session: string;
  readonly account: string;
  readonly state: string;
  readonly epoch: number;
  readonly holder: string | undefined;
}

/** A commit made on one of the machines. */
export interface MadeCommit {
  readonly machine: string;
  /** The marker of the attempt that made it. */
  readonly marker: string;
  readonly commit: string;
}

/** A session's copy on a machine when a fault struck. */
export interface LocalCopy {
  readonly machine: string;
  /** The journal at that time. */
  readonly journal: string;
  /** The commit that the branch pointed to; `undefined` if there was no branch yet. */
  readonly head: string | undefined;
  /** Whether the machine still has a journal that starts with those lines, the commit, and the uncommitted files. */
  readonly isThere: { readonly journal: boolean; readonly head: boolean; readonly uncommitted: boolean };
}

/** One session. */
export interface SessionRecord {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly journal: readonly JournalRow[];
  readonly acts: readonly ActRow[];
  /** The paths of its files in the engine. */
  readonly files: readonly string[];
  /** All commits reachable from its ref on the remote. */
  readonly reachable: ReadonlySet<string>;
  /** Subjects of the commits on its branch in that ref, without those on the remote's main branch. */
  readonly subjects: readonly string[];
  readonly copies: readonly LocalCopy[];
}

/** Agents of one session that ran on two machines at the same time. */
export interface Overlap {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly attempts: readonly { readonly machine: string; readonly marker: string }[];
}

/** Everything that the judge gets. */
export interface FleetRecord {
  readonly sessions: readonly SessionRecord[];
  /** Oldest first. */
  readonly changes: readonly ChangeRow[];
  /** How many sessions each account may run at once. */
  readonly limits: ReadonlyMap<string, number>;
  readonly commits: readonly MadeCommit[];
  readonly overlaps: readonly Overlap[];
  /** Processes of attempts that are alive although every session rests. */
  readonly left: readonly { readonly machine: string; readonly pid: number; readonly command: string }[];
}
