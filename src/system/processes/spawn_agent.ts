/**
 * Starts an agent's process: its own group, standard input closed or a file, output straight into files.
 *
 * The files are the child's own standard output and error, not the ends of pipes: a worker that dies loses no line, a
 * background process that keeps the output open delays nobody, and no full pipe can hang the agent.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import { messageOf } from "../errors.ts";
import { statIfExists } from "../files/files.ts";
import { platform } from "../platform.ts";
import { programPath } from "./program_path.ts";

/** What to start and where its output goes. */
export interface AgentCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that it reads on its standard input; without one that is closed. */
  readonly stdinPath?: string;
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

/** How a process ended. */
export interface Exit {
  /** The exit code; `undefined` where a signal ended it, or a code above 128 says so. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** A started agent. */
export interface AgentProcess {
  readonly pid: number;
  /** Resolves as soon as the process itself is gone, whoever still holds its output. */
  readonly exited: Promise<Exit>;
}

/** Why an agent could not be started. */
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

/**
 * Starts an agent.
 *
 * @throws {SpawnError} Where it cannot be started.
 */
export async function spawnAgent(command: AgentCommand): Promise<AgentProcess> {
  const { binary, cwd } = command;
  // The system says the same of a missing folder as of a missing program.
  if (!statIfExists(cwd)?.isDirectory) {
    throw new SpawnError(binary, { cause: new Error(`no such working directory ${cwd}`), notFound: false });
  }
  const program = programToStart(binary, { env: command.env });
  const files: number[] = [];
  let filesAreOpen = false;
  try {
    const stdin = command.stdinPath === undefined ? "ignore" : open(command.stdinPath, { flags: "r", files });
    const stdout = open(command.stdoutPath, { flags: "ax", files });
    const stderr = open(command.stderrPath, { flags: "ax", files });
    filesAreOpen = true;
    const child = spawn(program, [...command.args], {
      cwd,
      env: { ...command.env },
      // Deno.Command takes no files for these; node:child_process does.
      stdio: [stdin, stdout, stderr],
      // A session of its own: the terminal's Ctrl-C reaches the worker only, which then ends the agent in order.
      detached: true,
      // Else Windows opens an empty window for each iteration.
      windowsHide: true,
    });
    const exited = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => resolve(readExit(code, signal)));
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", () => resolve());
      child.once("error", reject);
    });
    if (child.pid === undefined) throw new Error("no process id");
    return { pid: child.pid, exited };
  } catch (error) {
    throw new SpawnError(binary, { cause: error, notFound: filesAreOpen && isNotFound(error) });
  } finally {
    for (const file of files) closeSync(file);
  }
}

/**
 * What to start for a name. Unix finds that out by itself. Windows would take a script for the program, see
 * {@linkcode programPath}.
 *
 * @throws {SpawnError} Where there is only a script of that name.
 */
export function programToStart(
  binary: string,
  { env, os = Deno.build.os }: { readonly env: Readonly<Record<string, string>>; readonly os?: string },
): string {
  if (platform(os).scriptEndings.length === 0) return binary;
  const { program, script } = programPath(binary, { env, os });
  if (script === undefined) return program ?? binary;
  const cause = new Error(
    `${script} is a script. Install the program itself, or name its .exe with CLAUDE_PATH or CODEX_PATH`,
  );
  throw new SpawnError(binary, { cause, notFound: false });
}

function open(path: string, { flags, files }: { readonly flags: "r" | "ax"; readonly files: number[] }): number {
  const file = openSync(path, flags, 0o600);
  files.push(file);
  return file;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * Shells, and clients that tidy up after a signal, say 128 and the signal's number; so does Deno 2.4 of a
 * process that a signal ended.
 */
function readExit(code: number | null, signal: string | null): Exit {
  const name = signal ?? Object.entries(constants.signals).find(([, number]) => number + 128 === code)?.[0];
  return name === undefined ? { code: code ?? undefined, signal: undefined } : { code: undefined, signal: name };
}
