/**
 * Reading /proc through `sh` and `cat`, which every Linux has. Small containers lack `ps`, and busybox's `grep` reads a
 * line only as far as the first zero byte.
 *
 * @module
 */
import { BOOT_ID_PATH, holdsAssignment, type ProcFiles } from "./proc_files.ts";
import { unreadableProcesses } from "./process_source.ts";

const HINT = "Put sh and cat on PATH, or run samocode with all permissions";

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

/** Something is always there, this process at least: nothing at all means that the list was not read. */
function all(script: string, ...parameters: readonly string[]): string {
  const text = run("sh", ["-c", `cd /proc && ${script}`, "sh", ...parameters]);
  if (text !== "") return text;
  throw unreadableProcesses(new Error("nothing was printed"), HINT);
}

/** The text of one file; empty where it is gone or another user's. */
function one(path: string): string {
  return run("cat", [path]);
}

function run(binary: string, args: readonly string[]): string {
  try {
    // Not found and not allowed are told by the exit code and a complaint: `cat` printed nothing then.
    const { stdout } = new Deno.Command(binary, { args: [...args], stdin: "null", stdout: "piped", stderr: "null" })
      .outputSync();
    return new TextDecoder().decode(stdout);
  } catch (error) {
    throw unreadableProcesses(error, HINT);
  }
}
