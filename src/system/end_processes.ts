/**
 * Ending processes so that nothing is left: an agent with all that it started, also what left its group or its parent.
 *
 * @module
 */
import { descendantsOf, isAlive, type ProcessEntry, processesWithVariable, readProcessTable } from "./process_table.ts";

/** The variable that every process of an attempt carries in its environment. */
export const MARKER_VARIABLE = "SAMOCODE_MARKER";

/** How long each step of an ending may take. */
export interface EndPatience {
  /** After SIGINT: Claude Code takes up to 1.5 s to end its shells and report its cost. */
  readonly interruptMs: number;
  /** After SIGTERM. */
  readonly terminateMs: number;
}

/** Generous to an agent that is tidying up, short for a person who waits. */
export const DEFAULT_PATIENCE: EndPatience = { interruptMs: 5_000, terminateMs: 2_000 };

/**
 * Asks an agent to end, ever more firmly: SIGINT, SIGTERM, SIGKILL to its group. Resolves when it has exited; what it
 * started may still live: see {@linkcode sweep}.
 *
 * @param exited Resolves when the agent's process is gone.
 * @returns Its descendants as they were before the first signal; later they can no longer be told from strangers.
 */
export async function endGroup(
  pid: number,
  exited: Promise<unknown>,
  patience: EndPatience = DEFAULT_PATIENCE,
): Promise<readonly ProcessEntry[]> {
  const descendants = descendantsOf([pid], readProcessTable());
  signalGroup(pid, "SIGINT");
  if (await within(exited, patience.interruptMs)) return descendants;
  signalGroup(pid, "SIGTERM");
  if (await within(exited, patience.terminateMs)) return descendants;
  signalGroup(pid, "SIGKILL");
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
  for (let round = 0; round < 5; round++) {
    const left = survivors(marker, seen);
    if (left.length === 0) break;
    for (const { pid } of left) {
      ended.add(pid);
      signal(pid, "SIGTERM");
    }
    const deadline = Date.now() + terminateMs;
    // Strangers' children cannot be waited for, only looked at.
    while (left.some(isAlive) && Date.now() < deadline) await new Promise((wake) => setTimeout(wake, 10));
    for (const entry of left) if (isAlive(entry)) signal(entry.pid, "SIGKILL");
  }
  return [...ended].sort((a, b) => a - b);
}

function survivors(marker: string, seen: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const found = new Map<number, ProcessEntry>();
  const alive = seen.filter(isAlive);
  const marked = processesWithVariable(`${MARKER_VARIABLE}=${marker}`);
  const roots = [...alive, ...marked];
  for (const entry of roots) found.set(entry.pid, entry);
  if (roots.length > 0) {
    for (const entry of descendantsOf(roots.map(({ pid }) => pid), readProcessTable())) found.set(entry.pid, entry);
  }
  found.delete(Deno.pid);
  return [...found.values()];
}

function signalGroup(pid: number, name: Deno.Signal): void {
  // A group is signalled by its negative id; Windows knows no groups.
  if (Deno.build.os === "windows") return signal(pid, name === "SIGINT" ? "SIGTERM" : name);
  signal(-pid, name);
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    // Gone already, which is what was wanted.
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
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
