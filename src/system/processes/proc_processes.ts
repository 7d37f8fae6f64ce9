/**
 * Linux's processes, out of what lies in /proc; see proc(5).
 *
 * Deno asks for all permissions before it opens anything there. Up to 2.4 `-A` together with a `--deny-…` flag counted
 * as all; 2.9 refuses (denoland/deno#34393). A program with narrowed rights then reads through a child: `sh` and `cat`,
 * which every Linux has. Small containers lack `ps`, and busybox's `grep` reads a line only as far as the first zero
 * byte. Both ways give the same text, so a lock that one build wrote is understood by another.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import { askLister, notEmpty, type ProcessEntry, type ProcessSource } from "./process_source.ts";

/** What is read of /proc. */
export interface ProcFiles {
  /** `/proc/PID/stat` of every process. */
  stats(): readonly string[];
  /** `/proc/PID/stat`; `undefined` where there is no such process. */
  stat(pid: number): string | undefined;
  /** Whose environment holds the assignment, as far as this user may look; those in `known` left out. */
  carriers(assignment: string, known: ReadonlySet<number>): readonly number[];
  /** The id of this boot; empty where the system has none. */
  bootId(): string;
}

let chosen: ProcessSource | undefined;

/** Asks /proc, in the way that is open to this process. */
export function procSource(): ProcessSource {
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

/** The id that Linux gives to each boot, see random(4). */
export const BOOT_ID_PATH = "/proc/sys/kernel/random/boot_id";

/** Reads with Deno's own means. */
export const procFilesDirectly: ProcFiles = {
  stats: () => pids().flatMap((pid) => readOrNothing(`/proc/${pid}/stat`) ?? []),
  stat: (pid) => readOrNothing(`/proc/${pid}/stat`),
  carriers: (assignment, known) => pids().filter((pid) => !known.has(pid) && carries(pid, assignment)),
  bootId: () => readOrNothing(BOOT_ID_PATH) ?? "",
};

/** Tells whether an environment, as /proc gives it, holds the whole assignment. */
function holdsAssignment(environment: string, assignment: string): boolean {
  return environment.includes(assignment) && environment.split("\0").includes(assignment);
}

/**
 * Tells whether Deno lets this process read /proc.
 *
 * @throws {SamocodeError} Where there is no /proc.
 */
export function mayReadProc(): boolean {
  try {
    for (const _ of Deno.readDirSync("/proc")) break;
    for (const name of ["stat", "environ"]) readOrNothing(`/proc/${Deno.pid}/${name}`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw new SamocodeError("system", "Cannot read the list of processes: /proc cannot be opened", {
      hint: "Mount /proc: mount -t proc proc /proc",
      cause: error,
    });
  }
}

function pids(): readonly number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const first = name.charCodeAt(0);
    if (first >= 48 && first <= 57) found.push(Number(name));
  }
  return found;
}

function carries(pid: number, assignment: string): boolean {
  const environment = readOrNothing(`/proc/${pid}/environ`);
  return environment !== undefined && holdsAssignment(environment, assignment);
}

function readOrNothing(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (isGoneOrForeign(error)) return undefined;
    throw error;
  }
}

/**
 * A process that ended before the opening is not found. One that ended after it answers ESRCH to the reading, and so do
 * kernel threads, which have no environment; Deno has no class and no code for that.
 */
function isGoneOrForeign(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied ||
    (error instanceof Error && error.message.includes("(os error 3)"));
}

/** Reads with the means of a child. */
export const procFilesThroughChild: ProcFiles = {
  stats: () => splitStats(all("exec cat [0-9]*/stat 2>/dev/null")),
  stat: (pid) => one(`/proc/${pid}/stat`) || undefined,
  carriers(assignment, known): readonly number[] {
    // Made now: no environment can hold it, and so pass for another process's.
    const border = crypto.randomUUID();
    const text = all('for pid in [0-9]*; do echo "$1 $pid"; cat "$pid/environ"; done 2>/dev/null', border);
    return splitEnvironments(text, border).filter(({ pid, environment }) =>
      !known.has(pid) && holdsAssignment(environment, assignment)
    ).map(({ pid }) => pid);
  },
  bootId: () => one(BOOT_ID_PATH),
};

/**
 * Takes the files of several processes apart. A name may hold brackets, numbers and ends of lines, but is at most 15
 * bytes long, kernel threads' own 63 (proc(5), /proc/PID/comm): thirty numbers in a row stand behind it, never in it.
 */
export function splitStats(text: string): readonly string[] {
  return [...text.matchAll(/\d+ \([\s\S]{0,64}?\) [A-Za-z](?: -?\d+){30,}\n/g)].map(([stat]) => stat);
}

/** Takes environments apart, before each of which stand the border and the process's id. */
function splitEnvironments(
  text: string,
  border: string,
): readonly { readonly pid: number; readonly environment: string }[] {
  return text.split(border).slice(1).map((part) => ({
    pid: Number.parseInt(part, 10),
    environment: part.slice(part.indexOf("\n") + 1),
  }));
}

function all(script: string, ...parameters: readonly string[]): string {
  return throughChild("sh", ["-c", `cd /proc && ${script}`, "sh", ...parameters], (text) => notEmpty(text, "sh"));
}

/** The text of one file; empty where it is gone or another user's. */
function one(path: string): string {
  return throughChild("cat", [path]);
}

/** `cat` says by a complaint and its exit code that a file is gone or another user's: it printed nothing then. */
function throughChild(binary: string, args: readonly string[], read = (text: string) => text): string {
  const hint = "Put sh and cat on PATH, or run samocode with all permissions";
  return askLister({ binary, hint }, args, ({ stdout }) => read(new TextDecoder().decode(stdout)));
}
