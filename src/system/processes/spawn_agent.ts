/**
 * Starts an agent in its own process group, writing to files instead of pipes: no line is lost if the worker dies, a
 * background process that keeps the output open delays nobody, and no full pipe can block the agent.
 *
 * @module
 */
import { constants } from "node:os";
import { platform } from "../platform.ts";
import { programPath } from "./program_path.ts";
import { type Child, type ChildCommand, type Exit, spawnChild, SpawnError } from "./spawn_child.ts";

/** What to start and where its output goes. */
export interface AgentCommand extends ChildCommand {
  /** The file for stdin, closed by default. */
  readonly stdinPath?: string;
  readonly stdoutPath: string;
  /** The same file by default. */
  readonly stderrPath?: string;
}

/** A started agent. */
export type AgentProcess = Pick<Child, "pid" | "exited">;

/**
 * Starts an agent.
 *
 * @throws {SpawnError} If it cannot be started.
 */
export async function spawnAgent(command: AgentCommand): Promise<AgentProcess> {
  const binary = programToStart(command.binary, { env: command.env });
  const { pid, exited } = await spawnChild({ ...command, binary }, (open) => {
    const output = open(command.stdoutPath, "ax");
    return [
      command.stdinPath === undefined ? "ignore" : open(command.stdinPath, "r"),
      output,
      command.stderrPath === undefined ? output : open(command.stderrPath, "ax"),
    ];
  });
  return { pid, exited: exited.then(signalOf) };
}

/**
 * What to start for a name. Windows would take a script for the program, see {@linkcode programPath}.
 *
 * @throws {SpawnError} If there is only a script of that name.
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

/** Shells, clients that handle a signal, and Deno 2.4 report 128 plus the signal's number as the exit code. */
function signalOf(exit: Exit): Exit {
  const [name] = Object.entries(constants.signals).find(([, number]) => number + 128 === exit.code) ?? [];
  return name === undefined ? exit : { code: undefined, signal: name };
}
