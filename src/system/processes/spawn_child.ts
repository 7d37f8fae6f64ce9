/**
 * Starts a program in its own session and process group, with files for its input and output. `Deno.Command` takes no
 * files for these; `node:child_process` does.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { messageOf } from "../../text/errors.ts";
import { lstatIfExists, readTail, statIfExists } from "../files/files.ts";

/** What to start. */
export interface ChildCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Exit {
  /** `undefined` if a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** A started program. */
export interface Child {
  readonly pid: number;
  /** Resolves when the process itself is gone, even if others still hold its output. */
  readonly exited: Promise<Exit>;
  /** Lets this program end before the child does. */
  unref(): void;
}

/** Why a program could not be started. */
export class SpawnError extends Error {
  /** Whether there is no such program. */
  readonly notFound: boolean;

  /** @param cause What the system reported. */
  constructor(binary: string, { cause, notFound }: { readonly cause: unknown; readonly notFound: boolean }) {
    super(`Cannot start ${binary}: ${messageOf(cause)}`, { cause });
    this.name = "SpawnError";
    this.notFound = notFound;
  }
}

/** Opens a file for a child, readable by its owner only. */
type OpenForChild = (path: string, flags: "r" | "a" | "ax" | "w") => number;

/**
 * Starts a program. A Ctrl-C in the terminal, a signal to this program's group and this program's end do not reach it.
 *
 * @param stdio Opens its stdin, stdout and stderr.
 * @throws {SpawnError} If it cannot be started.
 */
export async function spawnChild(
  { binary, args, cwd, env }: ChildCommand,
  stdio: (open: OpenForChild) => readonly (number | "ignore")[],
): Promise<Child> {
  const files: number[] = [];
  let isReady = false;
  try {
    // The system reports a missing folder like a missing program.
    if (!statIfExists(cwd)?.isDirectory) throw new Error(`no such working directory ${cwd}`);
    const streams = [...stdio((path, flags) => {
      const file = openSync(path, flags, 0o600);
      files.push(file);
      return file;
    })];
    isReady = true;
    // Without `windowsHide` Windows opens an empty window for each child.
    const child = spawn(binary, [...args], { cwd, env: { ...env }, stdio: streams, detached: true, windowsHide: true });
    const exited = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", () => resolve());
      child.once("error", reject);
    });
    if (child.pid === undefined) throw new Error("no process id");
    return { pid: child.pid, exited, unref: () => child.unref() };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new SpawnError(binary, { cause: error, notFound: isReady && isMissing });
  } finally {
    for (const file of files) closeSync(file);
  }
}

/**
 * Names a program so that `node:child_process` does not take it for Deno: before 2.8, Deno rewrites the arguments of a
 * program called by `Deno.execPath()`, even if that is a compiled binary.
 */
export function notTakenForDeno(program: string): string {
  const folder = dirname(program);
  return `${folder}${sep}.${sep}${program.slice(join(folder, sep).length)}`;
}

/** A program that outlives its parent. */
export interface DetachedCommand extends ChildCommand {
  /** Receives stderr; a large log is started again. */
  readonly logPath: string;
}

/** A started program. */
export interface DetachedProcess extends Pick<Child, "pid" | "exited"> {
  /** The end of what it has written to stderr so far. */
  readonly complaint: () => string;
}

/** Far more than a worker writes in its life. */
const MAX_LOG_BYTES = 256 * 1024;
const MAX_COMPLAINT_BYTES = 8 * 1024;

/**
 * Starts a program that outlives this one, without stdin and stdout.
 *
 * @throws {SpawnError} If it cannot be started.
 */
export async function spawnDetached(command: DetachedCommand): Promise<DetachedProcess> {
  const { logPath } = command;
  let before = 0;
  const { pid, exited, unref } = await spawnChild(command, (open) => {
    before = usableSize(logPath);
    return ["ignore", "ignore", open(logPath, before === 0 ? "w" : "a")];
  });
  unref();
  const written = () => Math.max(0, (lstatIfExists(logPath)?.size ?? 0) - before);
  return { pid, exited, complaint: () => readTail(logPath, Math.min(written(), MAX_COMPLAINT_BYTES)) };
}

/** How much of the log is kept. A link could lead elsewhere, and opening a pipe would hang. */
function usableSize(path: string): number {
  const found = lstatIfExists(path);
  if (found !== undefined && !found.isFile) throw new Error(`${path} is not a regular file`);
  const size = found?.size ?? 0;
  return size > MAX_LOG_BYTES ? 0 : size;
}
