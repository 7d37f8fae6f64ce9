/**
 * Reading /proc with Deno's own means, and whether Deno allows that.
 *
 * Deno asks for all permissions before it opens anything there. Up to 2.4 `-A` together with a `--deny-…` flag counted
 * as all; 2.9 refuses (denoland/deno#34393). A program with narrowed rights then reads through a child, see
 * `proc_files_through_child.ts`. Both ways give the same text, so a lock that one build wrote is understood by another.
 *
 * @module
 */
import { SamocodeError } from "../errors.ts";

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
export function holdsAssignment(environment: string, assignment: string): boolean {
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
