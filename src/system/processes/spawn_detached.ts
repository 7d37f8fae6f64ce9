/**
 * Starts a program that outlives whoever starts it: a session and group of its own, no input, its complaints in a file.
 *
 * Neither the end of the parent, a signal to the parent's group, nor the closing of the terminal reaches it. Its
 * standard output goes nowhere: there is nobody to read it.
 *
 * @module
 */
import { lstatIfExists } from "../files/files.ts";
import { readTail } from "../files/read_tail.ts";
import { type Child, type ChildCommand, spawnChild } from "./spawn_child.ts";

/** What to start. */
export interface DetachedCommand extends ChildCommand {
  /** Standard error is added to this file; one that has grown large is begun again. */
  readonly logPath: string;
}

/** A started program, for as long as the starter lives. */
export interface DetachedProcess extends Pick<Child, "pid" | "exited"> {
  /** What it has complained of so far; of much, the end. */
  readonly complaint: () => string;
}

/** Far more than a worker says in all its life, and little enough to be looked at. */
const MAX_LOG_BYTES = 256 * 1024;
const MAX_COMPLAINT_BYTES = 8 * 1024;

/**
 * Starts a program.
 *
 * @throws {SpawnError} Where it cannot be started.
 */
export async function spawnDetached(command: DetachedCommand): Promise<DetachedProcess> {
  const { logPath } = command;
  let before = 0;
  const { pid, exited, unref } = await spawnChild(command, (open) => {
    before = usableSize(logPath);
    return ["ignore", "ignore", open(logPath, before === 0 ? "w" : "a")];
  });
  unref();
  return { pid, exited, complaint: () => readSince(logPath, before) };
}

/** How much of the file stays; a link leads elsewhere and a pipe would hang whoever opens it. */
function usableSize(path: string): number {
  const found = lstatIfExists(path);
  if (found !== undefined && !found.isFile) throw new Error(`${path} is not a regular file`);
  const size = found?.size ?? 0;
  return size > MAX_LOG_BYTES ? 0 : size;
}

function readSince(path: string, before: number): string {
  const size = lstatIfExists(path)?.size ?? 0;
  return size <= before ? "" : readTail(path, Math.min(size - before, MAX_COMPLAINT_BYTES));
}
