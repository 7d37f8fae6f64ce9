/**
 * What a system must tell about its processes. One implementation for each way of asking.
 *
 * @module
 */
import { messageOf, SamocodeError } from "../errors.ts";
import type { ProcessEntry } from "./process_table.ts";

/** A way to ask for processes. */
export interface ProcessSource {
  /** All living processes. */
  table(): readonly ProcessEntry[];
  /** One living process; `undefined` where there is none. */
  one(pid: number): ProcessEntry | undefined;
  /** Those of the processes that still live. */
  alive(seen: readonly ProcessEntry[]): readonly ProcessEntry[];
  /** The ids of the processes in whose environment `NAME=VALUE` stands, those in `known` left out. */
  withVariable(assignment: string, known: ReadonlySet<number>): readonly number[];
}

/** Those of the processes that are in a table: where each look starts a program, one look is enough. */
export function presentIn(table: readonly ProcessEntry[], seen: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const startIds = new Map(table.map((entry) => [entry.pid, entry.startId]));
  return seen.filter(({ pid, startId }) => startIds.get(pid) === startId);
}

/** Nobody may be taken for dead because the list of processes cannot be read. */
export function unreadableProcesses(cause: unknown, hint: string): SamocodeError {
  return new SamocodeError("system", `Cannot read the list of processes: ${messageOf(cause)}`, { hint, cause });
}
