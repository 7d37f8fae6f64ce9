/**
 * Starts a program in a session and group of its own, with files for its input and output. `Deno.Command` takes no files
 * for these; `node:child_process` does.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { messageOf } from "../../text/errors.ts";
import { statIfExists } from "../files/files.ts";

/** What to start. */
export interface ChildCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Exit {
  /** The exit code; `undefined` where a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** A started program. */
export interface Child {
  readonly pid: number;
  /** Resolves as soon as the process itself is gone, whoever still holds its output. */
  readonly exited: Promise<Exit>;
  /** Lets this program end before the child does. */
  unref(): void;
}

/** Why a program could not be started. */
export class SpawnError extends Error {
  /** Whether there is no such program. */
  readonly notFound: boolean;

  /** @param cause What the system said. */
  constructor(binary: string, { cause, notFound }: { readonly cause: unknown; readonly notFound: boolean }) {
    super(`Cannot start ${binary}: ${messageOf(cause)}`, { cause });
    this.name = "SpawnError";
    this.notFound = notFound;
  }
}

/** Opens a file for a child, readable by its owner only; this program's own handle is closed after the start. */
export type OpenForChild = (path: string, flags: "r" | "a" | "ax" | "w") => number;

/**
 * Starts a program. Its own session keeps the terminal's Ctrl-C, a signal to this program's group, and this program's end
 * away from it.
 *
 * @param stdio Opens its standard input, output and error.
 * @throws {SpawnError} Where it cannot be started.
 */
export async function spawnChild(
  { binary, args, cwd, env }: ChildCommand,
  stdio: (open: OpenForChild) => readonly (number | "ignore")[],
): Promise<Child> {
  const files: number[] = [];
  let isReady = false;
  try {
    // The system says the same of a missing folder as of a missing program.
    if (!statIfExists(cwd)?.isDirectory) throw new Error(`no such working directory ${cwd}`);
    const open: OpenForChild = (path, flags) => {
      const file = openSync(path, flags, 0o600);
      files.push(file);
      return file;
    };
    const streams = [...stdio(open)];
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
    throw new SpawnError(binary, { cause: error, notFound: isReady && isNotFound(error) });
  } finally {
    for (const file of files) closeSync(file);
  }
}

/**
 * Names a program so that `node:child_process` does not take it for Deno: before Deno 2.8 it rewrites the arguments of
 * whatever is called by `Deno.execPath()`, which in a compiled binary is not Deno.
 */
export function notTakenForDeno(program: string): string {
  const folder = dirname(program);
  return `${folder}${sep}.${sep}${program.slice(join(folder, sep).length)}`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
