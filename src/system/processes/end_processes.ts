/**
 * Ending processes so that nothing is left: an agent with all that it started, also what left its group or its parent.
 *
 * @module
 */
import process from "node:process";
import { platform } from "../platform.ts";
import type { ProcessEntry } from "./process_source.ts";
import { descendantsOf, processesWithVariable, readProcessTable, stillAlive } from "./process_table.ts";
import { windowsTool } from "./windows_tool.ts";

/** The variable that every process of an attempt carries in its environment. */
export const MARKER_VARIABLE = "SAMOCODE_MARKER";

/** How long each step of an ending may take. */
export interface EndPatience {
  /** After SIGINT: Claude Code takes up to 1.5 s to end its shells and report its cost. */
  readonly interruptMs: number;
  /** After SIGTERM. */
  readonly terminateMs: number;
}

/** A look takes milliseconds; a chain of processes that start one another is outrun long before. */
const MAX_ROUNDS = 20;

/** In so many rounds a process that is met for the first time is asked before it is killed. */
const ASKING_ROUNDS = 3;

/** The system's own time for a killed process to be gone. */
const KILL_MS = 500;

/** Generous to an agent that is tidying up, short for a person who waits. */
export const DEFAULT_PATIENCE: EndPatience = { interruptMs: 5_000, terminateMs: 2_000 };

/**
 * Asks an agent to end, ever more firmly: SIGINT, SIGTERM, SIGKILL to its group. Resolves when it has exited; what it
 * started may still live: see {@linkcode sweep}. Windows has no groups and no way to ask a program without a window
 * (denoland/deno#29599): there it is ended at once, with all that is below it.
 *
 * @param exited Resolves when the agent's process is gone.
 * @returns Its descendants as they were before the first signal; later they can no longer be told from strangers.
 */
export async function endGroup(
  pid: number,
  exited: Promise<unknown>,
  patience: EndPatience = DEFAULT_PATIENCE,
): Promise<readonly ProcessEntry[]> {
  if (!platform().hasGroups) return await endTree(pid, exited);
  const descendants = descendantsOf([pid], readProcessTable());
  // A group is signalled by its negative id.
  signal(-pid, "SIGINT");
  if (await within(exited, patience.interruptMs)) return descendants;
  signal(-pid, "SIGTERM");
  if (await within(exited, patience.terminateMs)) return descendants;
  signal(-pid, "SIGKILL");
  await exited;
  return descendants;
}

/**
 * Ends whatever an attempt left behind: what was seen below it, and what carries its marker. Repeats until a look finds
 * nothing: a dying process may start another.
 *
 * @returns The ids of the processes that were ended.
 */
export async function sweep(
  marker: string,
  seen: readonly ProcessEntry[] = [],
  { terminateMs }: Pick<EndPatience, "terminateMs"> = DEFAULT_PATIENCE,
): Promise<readonly number[]> {
  const ended = new Set<number>();
  const refused = new Set<number>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const left = survivors(marker, seen).filter(({ pid }) => !refused.has(pid));
    if (left.length === 0) break;
    let patienceMs = KILL_MS;
    for (const { pid } of left) {
      // Each is asked once, so that git can remove its lock files; what keeps on coming back is not asked for ever.
      const isAsked = round < ASKING_ROUNDS && !ended.has(pid);
      if (isAsked) patienceMs = terminateMs;
      (signal(pid, isAsked ? "SIGTERM" : "SIGKILL") ? ended : refused).add(pid);
    }
    const deadline = performance.now() + patienceMs;
    // Strangers' children cannot be waited for, only looked at.
    while (stillAlive(left).length > 0 && performance.now() < deadline) {
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }
  return [...ended].sort((a, b) => a - b);
}

/**
 * Who is still in the group of an agent that has just exited: neither its environment nor its parent tells of a process
 * that cleared the one and lost the other. The id is nobody else's as long as the group has members, so this must be
 * asked before they can have ended and the id can have been given again.
 */
export function leftInGroup(pid: number): readonly ProcessEntry[] {
  if (!platform().hasGroups || !hasMembers(pid)) return [];
  return readProcessTable().filter(({ group }) => group === pid);
}

/**
 * Ends a process of Windows and its children, and theirs, with `taskkill /T /F` (learn.microsoft.com, Windows commands,
 * taskkill). The process itself is ended also where that program is missing. Untested there.
 */
export function endTreeByForce(
  pid: number,
  { run = runQuietly, kill = (pid) => void signal(pid, "SIGKILL") }: {
    readonly run?: (binary: string, args: readonly string[]) => void;
    readonly kill?: (pid: number) => void;
  } = {},
): void {
  try {
    run(windowsTool("taskkill"), ["/PID", String(pid), "/T", "/F"]);
  } finally {
    kill(pid);
  }
}

/** What the program prints is of no use: a process that is gone already is an error to it. */
function runQuietly(binary: string, args: readonly string[]): void {
  try {
    new Deno.Command(binary, { args: [...args], stdin: "null", stdout: "null", stderr: "null" }).outputSync();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Ends a process and all below it at once, without asking. */
export function killTree(pid: number): void {
  if (!platform().hasGroups) return endTreeByForce(pid);
  const below = descendantsOf([pid], readProcessTable());
  for (const each of [pid, ...below.map((entry) => entry.pid)]) signal(each, "SIGKILL");
}

function survivors(marker: string, seen: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const found = new Map<number, ProcessEntry>();
  const alive = stillAlive(seen);
  const marked = processesWithVariable(`${MARKER_VARIABLE}=${marker}`);
  const roots = [...alive, ...marked];
  for (const entry of roots) found.set(entry.pid, entry);
  if (roots.length > 0) {
    for (const entry of descendantsOf(roots.map(({ pid }) => pid), readProcessTable())) found.set(entry.pid, entry);
  }
  found.delete(Deno.pid);
  return [...found.values()];
}

async function endTree(pid: number, exited: Promise<unknown>): Promise<readonly ProcessEntry[]> {
  try {
    return descendantsOf([pid], readProcessTable());
  } finally {
    // Also where the table cannot be read: the agent must not go on.
    endTreeByForce(pid);
    await exited;
  }
}

/** Signal 0 is sent to nobody and costs nothing, where a look at all processes takes milliseconds. */
function hasMembers(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    // All but "no such process": there are some, of another user perhaps.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/**
 * Sends a signal; `false` where this user may not, to what the agent started as another. Windows refuses it for a
 * process that is ending, and knows no signal but SIGKILL in every version of Deno (denoland/deno#32689).
 */
function signal(pid: number, name: Deno.Signal): boolean {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return false;
    // Gone already, which is what was wanted.
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
  return true;
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), ms));
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
