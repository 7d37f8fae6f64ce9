/**
 * Starts a program that outlives whoever starts it: a session and group of its own, no input, its complaints in a file.
 *
 * Neither the end of the parent, a signal to the parent's group, nor the closing of the terminal reaches it. Its
 * standard output goes nowhere: there is nobody to read it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { lstatIfExists, statIfExists } from "../files/files.ts";
import { readTail } from "../files/read_tail.ts";
import { type Exit, SpawnError } from "./spawn_agent.ts";

/** What to start. */
export interface DetachedCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** Standard error is added to this file; one that has grown large is begun again. */
  readonly logPath: string;
}

/** A started program, for as long as the starter lives. */
export interface DetachedProcess {
  readonly pid: number;
  /** Resolves when it is gone; keeps nobody from ending. */
  readonly exited: Promise<Exit>;
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
  const { binary, args, cwd, env, logPath } = command;
  let log: number | undefined;
  try {
    // The system says the same of a missing folder as of a missing program.
    if (!statIfExists(cwd)?.isDirectory) throw new Error(`no such working directory ${cwd}`);
    const before = usableSize(logPath);
    log = openSync(logPath, before === 0 ? "w" : "a", 0o600);
    const child = spawn(binary, [...args], {
      cwd,
      env: { ...env },
      // Deno.Command takes no files for these; node:child_process does.
      stdio: ["ignore", "ignore", log],
      detached: true,
      // Else Windows opens an empty window for it.
      windowsHide: true,
    });
    const exited = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", () => resolve());
      child.once("error", reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error("no process id");
    return { pid: child.pid, exited, complaint: () => readSince(logPath, before) };
  } catch (error) {
    throw new SpawnError(binary, { cause: error, notFound: log !== undefined && isNotFound(error) });
  } finally {
    if (log !== undefined) closeSync(log);
  }
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

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
