/**
 * Who runs on this machine: process ids, parents and start times.
 *
 * On Linux from /proc, on macOS from `ps`, on Windows from CIM. Environments tell Linux and, in part, macOS; see
 * docs/platforms.md for what cannot be found elsewhere.
 *
 * @module
 */
import { cimSource } from "./cim_processes.ts";
import { platform } from "../platform.ts";
import { procSource } from "./proc_processes.ts";
import type { ProcessEntry, ProcessSource } from "./process_source.ts";
import { psSource } from "./ps_processes.ts";

const SOURCES = { proc: procSource, ps: () => psSource, cim: () => cimSource } as const;

/**
 * Reads all living processes; zombies are dead.
 *
 * @throws {SamocodeError} Where the system does not tell: to take everybody for dead would leave processes behind.
 */
export function readProcessTable(os?: string): readonly ProcessEntry[] {
  return source(os).table();
}

/** One living process, or `undefined`. */
export function readProcess(pid: number, os?: string): ProcessEntry | undefined {
  return source(os).one(pid);
}

/** Tells whether the very process that was seen before still lives: ids are used again, start times are not. */
export function isAlive(seen: { readonly pid: number; readonly startId: string }): boolean {
  return readProcess(seen.pid)?.startId === seen.startId;
}

/** Those of the processes that were seen before which still live. */
export function stillAlive(seen: readonly ProcessEntry[]): readonly ProcessEntry[] {
  return seen.length === 0 ? [] : source().alive(seen);
}

/** All below the given processes, children before grandchildren. */
export function descendantsOf(
  pids: readonly number[],
  table: readonly ProcessEntry[],
): readonly ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parent);
    if (siblings === undefined) children.set(entry.parent, [entry]);
    else siblings.push(entry);
  }
  const found: ProcessEntry[] = [];
  const seen = new Set(pids);
  for (const queue = [...pids]; queue.length > 0;) {
    for (const child of children.get(queue.shift() ?? -1) ?? []) {
      if (seen.has(child.pid)) continue;
      seen.add(child.pid);
      found.push(child);
      queue.push(child.pid);
    }
  }
  return found;
}

/**
 * Finds the processes in whose environment `NAME=VALUE` stands. A process that escaped its group and its parent still
 * carries it, unless it cleared its environment.
 */
export function processesWithVariable(
  assignment: string,
  { since }: { readonly since?: readonly ProcessEntry[] } = {},
): readonly ProcessEntry[] {
  const known = new Set(since?.map((entry) => entry.pid));
  const { withVariable, one } = source();
  return withVariable(assignment, known).flatMap((pid) => one(pid) ?? []);
}

function source(os?: string): ProcessSource {
  return SOURCES[platform(os).processes]();
}
