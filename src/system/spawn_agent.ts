/**
 * Starts an agent's process: its own group, standard input closed, output straight into files.
 *
 * The files are the child's own standard output and error, not the ends of pipes: a worker that dies loses no line, a
 * background process that keeps the output open delays nobody, and no full pipe can hang the agent.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

/** What to start and where its output goes. */
export interface AgentCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

/** How a process ended. */
export interface Exit {
  /** The exit code; `undefined` where a signal ended it. */
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
  constructor(binary: string, cause: unknown) {
    super(`Cannot start ${binary}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = "SpawnError";
    this.notFound = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  }
}

/**
 * Starts an agent.
 *
 * @throws {SpawnError} Where it cannot be started.
 */
export async function spawnAgent(command: AgentCommand): Promise<AgentProcess> {
  const stdout = openSync(command.stdoutPath, "a", 0o600);
  const stderr = openSync(command.stderrPath, "a", 0o600);
  try {
    const child = spawn(command.binary, [...command.args], {
      cwd: command.cwd,
      env: { ...command.env },
      // Deno.Command takes no files for these; node:child_process does.
      stdio: ["ignore", stdout, stderr],
      // A session of its own: the terminal's Ctrl-C reaches the worker only, which then ends the agent in order.
      detached: true,
    });
    const exited = new Promise<Exit>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", () => resolve());
      child.once("error", reject);
    });
    if (child.pid === undefined) throw new Error("no process id");
    return { pid: child.pid, exited };
  } catch (error) {
    throw new SpawnError(command.binary, error);
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}
