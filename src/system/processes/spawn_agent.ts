/**
 * Starts an agent's process: its own group, standard input closed or a file, output straight into files.
 *
 * The files are the child's own standard output and error, not the ends of pipes: a worker that dies loses no line, a
 * background process that keeps the output open delays nobody, and no full pipe can hang the agent.
 *
 * @module
 */
import { constants } from "node:os";
import { platform } from "../platform.ts";
import { programPath } from "./program_path.ts";
import { type Child, type ChildCommand, type Exit, spawnChild, SpawnError } from "./spawn_child.ts";

/** What to start and where its output goes. */
export interface AgentCommand extends ChildCommand {
  /** The file that it reads on its standard input; without one that is closed. */
  readonly stdinPath?: string;
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

/** A started agent. */
export type AgentProcess = Pick<Child, "pid" | "exited">;

/**
 * Starts an agent.
 *
 * @throws {SpawnError} Where it cannot be started.
 */
export async function spawnAgent(command: AgentCommand): Promise<AgentProcess> {
  const binary = programToStart(command.binary, { env: command.env });
  const { pid, exited } = await spawnChild({ ...command, binary }, (open) => [
    command.stdinPath === undefined ? "ignore" : open(command.stdinPath, "r"),
    open(command.stdoutPath, "ax"),
    open(command.stderrPath, "ax"),
  ]);
  return { pid, exited: exited.then(signalOf) };
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

/**
 * Shells, and clients that tidy up after a signal, say 128 and the signal's number; so does Deno 2.4 of a
 * process that a signal ended.
 */
function signalOf(exit: Exit): Exit {
  const [name] = Object.entries(constants.signals).find(([, number]) => number + 128 === exit.code) ?? [];
  return name === undefined ? exit : { code: undefined, signal: name };
}
