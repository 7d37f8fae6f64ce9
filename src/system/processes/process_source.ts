/**
 * What is known about processes; each platform has its own source.
 *
 * @module
 */
import { messageOf, SamocodeError } from "../../text/errors.ts";

/** One process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** When it started; distinguishes processes that had the same id. */
  readonly startId: string;
  /** The process group, where there are any. */
  readonly group?: number | undefined;
  /** What its program calls itself, at most 15 bytes of it; only Linux tells. */
  readonly name?: string;
}

/** A source of processes. Zombies count as dead. */
export interface ProcessSource {
  table(): readonly ProcessEntry[];
  one(pid: number): ProcessEntry | undefined;
  /** Those that are still alive. */
  alive(seen: readonly ProcessEntry[]): readonly ProcessEntry[];
  /** The environment of a process as it began; `undefined` where the system does not tell. */
  environment?(pid: number): string | undefined;
  /** What a process reads from and writes to, such as `pipe:[1] pipe:[2]`; `undefined` where the system does not tell. */
  streams?(pid: number): string | undefined;
  /** The ids of the processes whose environment contains `NAME=VALUE`, except those in `known`. */
  withVariable(assignment: string, known: ReadonlySet<number>): readonly number[];
}

/** Those of the processes that are in a table. */
export function presentIn(table: readonly ProcessEntry[], seen: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const startIds = new Map(table.map((entry) => [entry.pid, entry.startId]));
  return seen.filter(({ pid, startId }) => startIds.get(pid) === startId);
}

/**
 * Runs a program that lists processes.
 *
 * @param read Parses the output.
 * @throws {SamocodeError} If the list cannot be read or parsed; no process may be taken for dead then.
 */
export function askLister<T>(
  { binary, env = {}, hint }: { readonly binary: string; readonly env?: Record<string, string>; readonly hint: string },
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

/** Rejects an empty list, which would lack this process. */
export function notEmpty<T extends { readonly length: number }>(found: T, binary: string): T {
  if (found.length === 0) throw new Error(`${binary} printed nothing`);
  return found;
}
