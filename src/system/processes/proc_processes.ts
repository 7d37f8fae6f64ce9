/**
 * Linux's processes, from /proc; see proc(5).
 *
 * Deno opens /proc only with all permissions. In 2.4 `-A` with a `--deny-…` flag counts as all, in 2.9 it does not
 * (denoland/deno#34393); then the same files are read through `sh` and `cat`, which every Linux has: small
 * containers lack `ps`, and busybox's `grep` stops at a zero byte. Both ways give the same text, since a lock of one
 * build is read by another.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import { askLister, notEmpty, type ProcessEntry, type ProcessSource } from "./process_source.ts";

/** A way to read /proc. Files that are gone or belong to another user are left out. */
export interface ProcFiles {
  read(path: string): string | undefined;
  /** What a link leads to. */
  link(path: string): string | undefined;
  /** `/proc/PID/stat` of every process. */
  stats(): readonly string[];
  /** `/proc/PID/environ` of every process; a way may leave out those in `known`. */
  environments(known: ReadonlySet<number>): Iterable<readonly [pid: number, environment: string]>;
}

let chosen: ProcessSource | undefined;

/** The source for Linux. */
export function procSource(): ProcessSource {
  chosen ??= sourceFrom(mayReadProc() ? procFilesDirectly : procFilesThroughChild);
  return chosen;
}

/** The id of the current boot, see random(4). */
export const BOOT_ID_PATH = "/proc/sys/kernel/random/boot_id";

/** The source for one way to read /proc. */
export function sourceFrom(files: ProcFiles): ProcessSource {
  let boot: string | undefined;
  // Start times count from the boot, so without its id they could repeat.
  const bootId = () => boot ??= (files.read(BOOT_ID_PATH) ?? "").trim();
  const one = (pid: number): ProcessEntry | undefined => {
    const stat = files.read(`/proc/${pid}/stat`);
    return stat === undefined ? undefined : readStat(stat, bootId());
  };
  return {
    table: () => files.stats().flatMap((stat) => readStat(stat, bootId()) ?? []),
    one,
    alive: (seen) => seen.filter(({ pid, startId }) => one(pid)?.startId === startId),
    environment: (pid) => files.read(`/proc/${pid}/environ`),
    streams(pid): string | undefined {
      const [input, output] = [0, 1].map((stream) => files.link(`/proc/${pid}/fd/${stream}`));
      return input === undefined || output === undefined ? undefined : `${input} ${output}`;
    },
    withVariable(assignment, known): readonly number[] {
      const found: number[] = [];
      for (const [pid, environment] of files.environments(known)) {
        const isSet = environment.includes(assignment) && environment.split("\0").includes(assignment);
        if (isSet && !known.has(pid)) found.push(pid);
      }
      return found;
    },
  };
}

/** `pid (comm) state ppid pgrp … starttime`; comm may contain anything, even `)`. */
function readStat(stat: string, bootId: string): ProcessEntry | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  const startTicks = fields[19];
  if (state === undefined || state === "Z" || state === "X" || parent === undefined || startTicks === undefined) {
    return undefined;
  }
  const pid = Number.parseInt(stat, 10);
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  return { pid, parent: Number(parent), group: Number(group), startId: `${bootId}/${startTicks}`, name };
}

/** Reads with Deno. */
export const procFilesDirectly: ProcFiles = {
  read: readOrNothing,
  link: (path) => readOrNothing(path, Deno.readLinkSync),
  stats: () => pids().flatMap((pid) => readOrNothing(`/proc/${pid}/stat`) ?? []),
  *environments(known): Generator<readonly [number, string]> {
    for (const pid of pids()) {
      if (!known.has(pid)) yield [pid, readOrNothing(`/proc/${pid}/environ`, readAtOnce) ?? ""];
    }
  },
};

/**
 * Tells whether Deno lets this process read /proc.
 *
 * @throws {SamocodeError} If there is no /proc.
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

const CHUNK = new Uint8Array(64 * 1024);

/** The size of these files is unknown, so Deno would read them in small steps, which takes half as long again. */
function readAtOnce(path: string): string {
  using file = Deno.openSync(path);
  const count = file.readSync(CHUNK) ?? 0;
  return count < CHUNK.length ? new TextDecoder().decode(CHUNK.subarray(0, count)) : Deno.readTextFileSync(path);
}

/** Reading a process that has ended since the opening, or a kernel thread, fails with ESRCH, 3, which Deno has no class for. */
function readOrNothing(path: string, read: (path: string) => string = Deno.readTextFileSync): string | undefined {
  try {
    return read(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    if (error instanceof Error && error.message.includes("(os error 3)")) return undefined;
    throw error;
  }
}

/** Reads through `sh` and `cat`. */
export const procFilesThroughChild: ProcFiles = {
  // cat's exit code says that a file is gone or another user's; it prints nothing then.
  read: (path) => throughChild("cat", [path]) || undefined,
  link: (path) => throughChild("readlink", [path]).trim() || undefined,
  stats: () => splitStats(throughShell("exec cat [0-9]*/stat 2>/dev/null")),
  environments: () => {
    // New each time, so no environment can contain it and pass for another process's.
    const border = crypto.randomUUID();
    const script = 'for pid in [0-9]*; do echo "$1 $pid"; cat "$pid/environ"; done 2>/dev/null';
    const parts = throughShell(script, border).split(border).slice(1);
    return parts.map((part) => [Number.parseInt(part, 10), part.slice(part.indexOf("\n") + 1)]);
  },
};

/**
 * Splits the files of several processes. A name may contain brackets, numbers and line breaks, but is at most 15 bytes
 * long, 63 for kernel threads (proc(5), /proc/PID/comm), so it cannot contain the thirty numbers that follow it.
 */
export function splitStats(text: string): readonly string[] {
  return [...text.matchAll(/\d+ \([\s\S]{0,64}?\) [A-Za-z](?: -?\d+){30,}\n/g)].map(([stat]) => stat);
}

function throughShell(script: string, ...parameters: readonly string[]): string {
  return throughChild("sh", ["-c", `cd /proc && ${script}`, "sh", ...parameters], (text) => notEmpty(text, "sh"));
}

function throughChild(binary: string, args: readonly string[], read = (text: string) => text): string {
  const hint = "Put sh and cat on PATH, or run samocode with all permissions";
  return askLister({ binary, hint }, args, ({ stdout }) => read(new TextDecoder().decode(stdout)));
}
