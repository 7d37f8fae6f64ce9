/**
 * What a fleet left of its sessions, for the judge: rows of the engine, git's commits, and what was seen meanwhile.
 *
 * @module
 */
import type { Act, ActOutcome } from "../../src/fleet/contract.ts";

/** A line of a session's journal, as the engine has it. */
export interface JournalRow {
  readonly seq: number;
  readonly epoch: number;
  readonly type: string;
  readonly line: string;
}

/** What a person decided. */
export interface ActRow {
  readonly act: Act;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly outcome: ActOutcome | undefined;
}

/** How a session's row changed; told by the engine itself, in the transaction that did it. */
export interface ChangeRow {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly session: string;
  readonly account: string;
  readonly state: string;
  readonly epoch: number;
  readonly holder: string | undefined;
}

/** A commit that was made on some machine. */
export interface MadeCommit {
  readonly machine: string;
  /** Of the attempt that made it. */
  readonly marker: string;
  readonly commit: string;
}

/** A copy of a session that was on a machine when something happened to it. */
export interface LocalCopy {
  readonly machine: string;
  /** The journal as it was. */
  readonly journal: string;
  /** What the branch led to; `undefined` if there was none yet. */
  readonly head: string | undefined;
  /** Whether a journal that begins like that, that commit, and what was not committed are on the machine still. */
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
  /** All commits that its ref on the remote leads to. */
  readonly reachable: ReadonlySet<string>;
  /** The subjects of the commits on its branch, as that ref has it, without those of the remote's own branch. */
  readonly subjects: readonly string[];
  readonly copies: readonly LocalCopy[];
}

/** Agents of one session at work on two machines in one moment. */
export interface Overlap {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly attempts: readonly { readonly machine: string; readonly marker: string }[];
}

/** All of it. */
export interface FleetRecord {
  readonly sessions: readonly SessionRecord[];
  /** Oldest first. */
  readonly changes: readonly ChangeRow[];
  /** How many sessions each account may run at once. */
  readonly limits: ReadonlyMap<string, number>;
  readonly commits: readonly MadeCommit[];
  readonly overlaps: readonly Overlap[];
  /** Processes of attempts that live although every session rests. */
  readonly left: readonly { readonly machine: string; readonly pid: number; readonly command: string }[];
}
