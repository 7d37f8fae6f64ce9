/**
 * Ends an agent and everything it started, including processes that left its group or its parent.
 *
 * @module
 */
import process from "node:process";
import { platform } from "../platform.ts";
import type { ProcessEntry } from "./process_source.ts";
import { descendantsOf, processesWithVariable, readProcess, readProcessTable, stillAlive } from "./process_table.ts";
import { windowsTool } from "./cim_processes.ts";

/** The environment variable that marks every process of an attempt. */
export const MARKER_VARIABLE = "SAMOCODE_MARKER";

/** How long to wait after each signal. */
export interface EndPatience {
  /** After SIGINT. Claude Code takes up to 1.5 s to end its shells and report its cost. */
  readonly interruptMs: number;
  readonly terminateMs: number;
}

/** Enough to catch up with processes that keep starting one another. */
const MAX_ROUNDS = 20;

/** In these first rounds a process gets SIGTERM before SIGKILL. */
const ASKING_ROUNDS = 3;

/** How long the system may take to remove a killed process. */
const KILL_MS = 500;

/** Enough for an agent to clean up, short enough for a person who waits. */
export const DEFAULT_PATIENCE: EndPatience = { interruptMs: 5_000, terminateMs: 2_000 };

/**
 * Sends SIGINT, SIGTERM and SIGKILL to an agent's group until the agent has exited; {@linkcode sweep} ends leftover
 * processes. Windows has no groups and cannot ask a program without a window (denoland/deno#29599), so the whole tree is
 * killed there.
 *
 * @param exited Resolves when the agent's process is gone.
 * @param options `group` is the agent's own where another program, the guard's, started it.
 * @returns Its descendants before the first signal; afterwards their parents no longer identify them.
 */
export async function endGroup(
  pid: number,
  exited: Promise<unknown>,
  { patience = DEFAULT_PATIENCE, group = pid }: {
    readonly patience?: EndPatience | undefined;
    readonly group?: number | undefined;
  } = {},
): Promise<readonly ProcessEntry[]> {
  if (!platform().hasGroups) return await endTree(pid, exited);
  const descendants = descendantsOf([pid], readProcessTable());
  // A negative id addresses the group.
  signal(-group, "SIGINT");
  if (await within(exited, patience.interruptMs)) return descendants;
  signal(-group, "SIGTERM");
  if (await within(exited, patience.terminateMs)) return descendants;
  for (const each of new Set([group, pid])) signal(-each, "SIGKILL");
  await exited;
  return descendants;
}

/**
 * Ends the leftover processes of an attempt: those seen below it and those with its marker. Repeats until none is found,
 * since a dying process may start another.
 *
 * @returns The ids of the ended processes.
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
      // SIGTERM first lets git remove its lock files.
      const isAsked = round < ASKING_ROUNDS && !ended.has(pid);
      if (isAsked) patienceMs = terminateMs;
      (signal(pid, isAsked ? "SIGTERM" : "SIGKILL") ? ended : refused).add(pid);
    }
    const deadline = performance.now() + patienceMs;
    // Only a parent can wait for a process; others must poll.
    while (stillAlive(left).length > 0 && performance.now() < deadline) {
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }
  return [...ended].sort((a, b) => a - b);
}

/**
 * The processes left in the group of an agent that has just exited. Finds those without the marker and without their
 * parent. Call it at once: when the group is empty, its id may be reused.
 */
export function leftInGroup(pid: number): readonly ProcessEntry[] {
  if (!platform().hasGroups || !hasMembers(pid)) return [];
  return readProcessTable().filter(({ group }) => group === pid);
}

/** Kills a process tree on Windows with `taskkill /T /F`, or at least the process itself. Untested there. */
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

/** Ignores the exit code: taskkill fails for a process that is already gone. */
function runQuietly(binary: string, args: readonly string[]): void {
  try {
    new Deno.Command(binary, { args: [...args], stdin: "null", stdout: "null", stderr: "null" }).outputSync();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * The first process of the namespace that a guard made for an agent. Everything in the namespace ends with it.
 *
 * @param pid The guard's own process.
 * @returns `undefined` while there is none yet, and when it is gone.
 */
export function firstInside(pid: number): ProcessEntry | undefined {
  const first = childrenOf(pid)[0];
  return first === undefined ? undefined : readProcess(first);
}

/** Makes sure that a namespace is gone, whose agent has ended. */
export async function endInside(first: ProcessEntry): Promise<void> {
  for (let waitMs = 0; stillAlive([first]).length > 0; waitMs = Math.min(waitMs * 2 + 0.1, 50)) {
    signal(first.pid, "SIGKILL");
    // It mostly takes less than the millisecond that is the least for a timer.
    if (waitMs < 1) Atomics.wait(NEVER, 0, 0, waitMs);
    else await new Promise((wake) => setTimeout(wake, waitMs));
  }
}

const NEVER = new Int32Array(new SharedArrayBuffer(4));

function childrenOf(pid: number): readonly number[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ").map(Number).filter((id) =>
      id > 0
    );
  } catch {
    // Not every kernel keeps that list.
    return readProcessTable().filter(({ parent }) => parent === pid).map((entry) => entry.pid);
  }
}

/** Kills a process and all its descendants. */
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
    // Even if the process table cannot be read.
    endTreeByForce(pid);
    await exited;
  }
}

/** Signal 0 only checks. It costs nothing; reading all processes takes milliseconds. */
function hasMembers(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    // Any other error means that there are members, perhaps another user's.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/**
 * Sends a signal; `false` if the process belongs to another user. On Windows this fails for a process that is ending,
 * and only SIGKILL works in every version of Deno (denoland/deno#32689).
 */
function signal(pid: number, name: Deno.Signal): boolean {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return false;
    // Already gone.
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
