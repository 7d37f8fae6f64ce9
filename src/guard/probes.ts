/**
 * Finds out by trying what this machine can do: versions and kernels say too little.
 *
 * @module
 */
import { messageOf } from "../text/errors.ts";
import { plainText } from "../text/terminal_text.ts";
import { statIfExists } from "../system/files/files.ts";
import { programPath } from "../system/processes/program_path.ts";
import { runCommand } from "../system/processes/run_command.ts";
import { type Environment, type GuardedProject, RUNTIME } from "./attempt.ts";
import { bubblewrapArguments } from "./bubblewrap.ts";
import { wallsAt } from "./walls.ts";

const PROBE_MS = 10_000;

/** Tries what an attempt needs; tells why it does not work. */
export async function probeBubblewrap(bwrap: string, project: GuardedProject): Promise<string | undefined> {
  const folders = [project.sessions, project.worktrees].filter((path) => statIfExists(path)?.isDirectory);
  const walls = wallsAt(folders, "write");
  const script = 'for folder; do test -w "$folder" || { echo "$folder"; exit 7; }; done';
  const args = bubblewrapArguments([{ path: RUNTIME, access: "empty" }, ...walls], {
    binary: "/bin/sh",
    args: ["-c", script, "sh", ...walls.map(({ path }) => path)],
    cwd: "/",
    hasNetwork: project.hasNetwork,
    isRoot: isRoot(),
  });
  const { code, stdout, stderr } = await tried(bwrap, args);
  if (code === 0) return undefined;
  if (code === 7) return `${stdout.trim()} belongs to another user, and only its owner can write to it in the guard`;
  const last = plainText(stderr.trim().split("\n").at(-1) ?? "", 200);
  return `bubblewrap does not work here: ${last || `exit code ${code}`}`;
}

/** Asked of the file system: the compiled program has given up the right to ask the system. */
export function isRoot(): boolean {
  return statIfExists("/proc/self")?.uid === 0;
}

/** What starts a program in a namespace for processes. */
export interface Namespace {
  readonly binary: string;
  readonly before: readonly string[];
}

/** Finds out how to get a namespace for processes here; `undefined` where there is no way. */
export async function probeNamespace(env: Environment): Promise<Namespace | undefined> {
  const binary = programPath("unshare", { env }).program;
  if (binary === undefined) return undefined;
  const base = ["--pid", "--fork", "--kill-child", "--mount-proc"];
  for (const before of [base, ["--user", "--map-current-user", ...base]]) {
    if ((await tried(binary, [...before, "/bin/sh", "-c", ":"])).code === 0) return { binary, before };
  }
  return undefined;
}

/** Finds the program that has the system kill a command together with its parent; `undefined` where there is none. */
export async function probeTie(env: Environment): Promise<string | undefined> {
  const binary = programPath("setpriv", { env }).program;
  if (binary === undefined) return undefined;
  // That of busybox cannot do it.
  return (await tried(binary, [...TIE, "/bin/sh", "-c", ":"])).code === 0 ? binary : undefined;
}

/** Goes before the command to tie. */
export const TIE: readonly string[] = ["--pdeathsig", "KILL", "--"];

async function tried(
  binary: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  try {
    return await runCommand(binary, args, { cwd: "/", timeoutMs: PROBE_MS });
  } catch (error) {
    return { code: 1, stdout: "", stderr: messageOf(error) };
  }
}
