/**
 * Who runs on this machine: process ids, parents, groups and start times.
 *
 * On Linux from /proc; elsewhere from `ps`, which macOS and the BSDs have. Windows has neither: there the table is
 * empty, and only the agent itself can be ended.
 *
 * @module
 */

/** One process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** When it started, in a form that two processes with the same id never share. */
  readonly startId: string;
}

/** Reads all living processes; zombies are dead. */
export function readProcessTable(os: string = Deno.build.os): readonly ProcessEntry[] {
  if (os === "linux") return procIds().flatMap((pid) => procEntry(pid) ?? []);
  if (os === "windows") return [];
  return psEntries();
}

/** One living process, or `undefined`. */
export function readProcess(pid: number, os: string = Deno.build.os): ProcessEntry | undefined {
  if (os === "linux") return procEntry(pid);
  return readProcessTable(os).find((entry) => entry.pid === pid);
}

/** Tells whether the very process that was seen before still lives: ids are used again, start times are not. */
export function isAlive(seen: { readonly pid: number; readonly startId: string }): boolean {
  return readProcess(seen.pid)?.startId === seen.startId;
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
  if (Deno.build.os === "linux") {
    return procIds().filter((pid) => !known.has(pid) && hasVariable(pid, assignment)).flatMap((pid) =>
      procEntry(pid) ?? []
    );
  }
  if (Deno.build.os === "windows") return [];
  const lines = psLines(["eww", "-axo", "pid=,command="]);
  const pids = new Set(
    lines.filter((line) => line.split(" ").includes(assignment)).map((line) => Number.parseInt(line, 10)),
  );
  return psEntries().filter((entry) => pids.has(entry.pid));
}

function procIds(): readonly number[] {
  const pids: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const first = name.charCodeAt(0);
    if (first >= 48 && first <= 57) pids.push(Number(name));
  }
  return pids;
}

/** `/proc/PID/stat`, see proc(5): "pid (comm) state ppid … starttime"; comm may hold anything, `)` included. */
function procEntry(pid: number): ProcessEntry | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  const startTicks = fields[19];
  if (state === undefined || state === "Z" || state === "X" || parent === undefined || startTicks === undefined) {
    return undefined;
  }
  return { pid, parent: Number(parent), startId: `${bootId()}/${startTicks}` };
}

function hasVariable(pid: number, assignment: string): boolean {
  const environment = readOrNothing(`/proc/${pid}/environ`);
  return environment !== undefined && environment.includes(assignment) && environment.split("\0").includes(assignment);
}

let boot: string | undefined;
/** Start times count from the boot: without its id they would repeat after the next one. */
function bootId(): string {
  boot ??= readOrNothing("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  return boot;
}

function readOrNothing(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // Gone in between, or another user's.
    return undefined;
  }
}

function psEntries(): readonly ProcessEntry[] {
  return psLines(["-axo", "pid=,ppid=,stat=,lstart="]).flatMap((line) => {
    const [pid, parent, state, ...start] = line.trim().split(/\s+/);
    if (pid === undefined || parent === undefined || state === undefined || state.startsWith("Z")) return [];
    return [{ pid: Number(pid), parent: Number(parent), startId: start.join(" ") }];
  });
}

function psLines(args: readonly string[]): readonly string[] {
  const output = new Deno.Command("ps", { args: [...args], stdin: "null", stdout: "piped", stderr: "null" })
    .outputSync();
  return new TextDecoder().decode(output.stdout).split("\n").filter((line) => line.trim() !== "");
}
