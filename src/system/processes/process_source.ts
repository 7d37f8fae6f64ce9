/**
 * What a system must tell about its processes, with one implementation for each way of asking.
 *
 * @module
 */
import { messageOf, SamocodeError } from "../../text/errors.ts";

/** One process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** When it started, in a form that two processes with the same id never share. */
  readonly startId: string;
  /** The process group that it is in; `undefined` where the system has none. */
  readonly group?: number | undefined;
}

/** A way to ask for processes. */
export interface ProcessSource {
  /** All living processes; zombies are dead. */
  table(): readonly ProcessEntry[];
  /** One living process; `undefined` where there is none. */
  one(pid: number): ProcessEntry | undefined;
  /** Those of the processes that still live. */
  alive(seen: readonly ProcessEntry[]): readonly ProcessEntry[];
  /** The ids of the processes whose environment contains `NAME=VALUE`, except those in `known`. */
  withVariable(assignment: string, known: ReadonlySet<number>): readonly number[];
}

/** Those of the processes that are in a table: where each look starts a program, one look is enough. */
export function presentIn(table: readonly ProcessEntry[], seen: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const startIds = new Map(table.map((entry) => [entry.pid, entry.startId]));
  return seen.filter(({ pid, startId }) => startIds.get(pid) === startId);
}

/** A program that lists processes. */
export interface Lister {
  readonly binary: string;
  readonly env?: Record<string, string>;
  /** What to do when it cannot be run. */
  readonly hint: string;
}

/**
 * Runs a program that lists processes and reads its output.
 *
 * @param read Turns the output into a value; what it throws is reported as an unreadable list.
 * @throws {SamocodeError} When the list cannot be read: no process may be presumed dead because of that.
 */
export function askLister<T>(
  { binary, env = {}, hint }: Lister,
  args: readonly string[],
  read: (output: Deno.CommandOutput) => T,
): T {
  try {
    const piped = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
    return read(new Deno.Command(binary, { args: [...args], env, ...piped }).outputSync());
  } catch (error) {
    throw new SamocodeError("system", `Cannot read the list of processes: ${messageOf(error)}`, { hint, cause: error });
  }
}

/** Refuses an empty list: this process is always in it. */
export function notEmpty<T extends { readonly length: number }>(found: T, binary: string): T {
  if (found.length === 0) throw new Error(`${binary} printed nothing`);
  return found;
}
