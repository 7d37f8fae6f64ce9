/**
 * The processes of this machine, from /proc on Linux, `ps` on macOS and CIM on Windows. For the limits of each, see
 * docs/platforms.md.
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
 * Reads all living processes.
 *
 * @throws {SamocodeError} If the system does not list them.
 */
export function readProcessTable(os?: string): readonly ProcessEntry[] {
  return source(os).table();
}

/** One living process, or `undefined`. */
export function readProcess(pid: number, os?: string): ProcessEntry | undefined {
  return source(os).one(pid);
}

/** A process above this one. */
export interface Ancestor {
  readonly pid: number;
  readonly parent: number;
  /** Its environment as it began; empty where the system does not tell, as for another user's. */
  readonly env: Readonly<Record<string, string>>;
  /** What its program calls itself; empty where the system does not tell. */
  readonly name: string;
}

/** All processes above one, nearest first: whoever hides may start any number of shells. Only Linux tells their environments. */
export function ancestorsOf(pid: number): readonly Ancestor[] {
  const { one, environment = () => undefined } = source();
  const found: Ancestor[] = [];
  // An id may be used again meanwhile.
  const seen = new Set<number>();
  for (let next = one(pid)?.parent ?? 0; next > 0 && !seen.has(next);) {
    const entry = one(next);
    if (entry === undefined) break;
    seen.add(next);
    const pairs = (environment(next) ?? "").split("\0").flatMap((text) => {
      const at = text.indexOf("=");
      return at > 0 ? [[text.slice(0, at), text.slice(at + 1)]] : [];
    });
    found.push({ pid: next, parent: entry.parent, env: Object.fromEntries(pairs), name: entry.name ?? "" });
    next = entry.parent;
  }
  return found;
}

/** Tells whether one process reads and writes the same streams as another, which its launcher passed on. */
export function sharesStreams(pid: number, other: number): boolean {
  const { streams = () => undefined } = source();
  const own = streams(pid);
  return own !== undefined && own === streams(other);
}

/** Tells whether the same process is still alive; ids are reused, start times are not. */
export function isAlive(seen: { readonly pid: number; readonly startId: string }): boolean {
  return readProcess(seen.pid)?.startId === seen.startId;
}

/** Those of the processes that are still alive. */
export function stillAlive(seen: readonly ProcessEntry[]): readonly ProcessEntry[] {
  return seen.length === 0 ? [] : source().alive(seen);
}

/** All descendants of some processes, children before grandchildren. */
export function descendantsOf(pids: readonly number[], table: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const children = Map.groupBy(table, ({ parent }) => parent);
  const found: ProcessEntry[] = [];
  // A set iterates over what is added meanwhile.
  const seen = new Set(pids);
  for (const pid of seen) {
    const added = (children.get(pid) ?? []).filter((child) => !seen.has(child.pid));
    for (const child of added) seen.add(child.pid);
    found.push(...added);
  }
  return found;
}

/** Finds the processes with `NAME=VALUE` in their environment, even those that left their group and parent. */
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
