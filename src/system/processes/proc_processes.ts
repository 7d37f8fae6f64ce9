/**
 * Linux's processes, out of what lies in /proc; see proc(5).
 *
 * @module
 */
import { mayReadProc, type ProcFiles, procFilesDirectly } from "./proc_files.ts";
import { procFilesThroughChild } from "./proc_files_through_child.ts";
import type { ProcessSource } from "./process_source.ts";
import type { ProcessEntry } from "./process_table.ts";

/** Asks /proc, in the way that is open to this process. */
export const procSource: ProcessSource = {
  table: () => source().table(),
  one: (pid) => source().one(pid),
  alive: (seen) => source().alive(seen),
  withVariable: (assignment, known) => source().withVariable(assignment, known),
};

let chosen: ProcessSource | undefined;
function source(): ProcessSource {
  chosen ??= sourceFrom(mayReadProc() ? procFilesDirectly : procFilesThroughChild);
  return chosen;
}

/** Asks /proc in a given way. */
export function sourceFrom(files: ProcFiles): ProcessSource {
  let boot: string | undefined;
  // Start times count from the boot: without its id they would repeat after the next one.
  const bootId = () => boot ??= files.bootId().trim();
  const one = (pid: number): ProcessEntry | undefined => {
    const stat = files.stat(pid);
    return stat === undefined ? undefined : readStat(stat, bootId());
  };
  return {
    table: () => files.stats().flatMap((stat) => readStat(stat, bootId()) ?? []),
    one,
    alive: (seen) => seen.filter(({ pid, startId }) => one(pid)?.startId === startId),
    withVariable: (assignment, known) => files.carriers(assignment, known),
  };
}

/** `pid (comm) state ppid pgrp … starttime`; comm may hold anything, `)` included. */
function readStat(stat: string, bootId: string): ProcessEntry | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  const startTicks = fields[19];
  if (state === undefined || state === "Z" || state === "X" || parent === undefined || startTicks === undefined) {
    return undefined;
  }
  const pid = Number.parseInt(stat, 10);
  return { pid, parent: Number(parent), group: Number(group), startId: `${bootId}/${startTicks}` };
}
