/**
 * Runs a short program to its end and keeps what it printed: git, mostly. Agents are not run here, see `run_agent.ts`.
 *
 * @module
 */

/** What a program left behind. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and how long a program may run. */
export interface CommandOptions {
  readonly cwd: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this it is killed and its code is 124, as `timeout` has it. */
  readonly timeoutMs?: number;
}

/**
 * Runs a program without a shell and with its standard input closed.
 *
 * @throws {Deno.errors.NotFound} Where there is no such program.
 */
export async function runCommand(
  binary: string,
  args: readonly string[],
  { cwd, env = {}, timeoutMs = 120_000 }: CommandOptions,
): Promise<CommandResult> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const output = await new Deno.Command(binary, {
    args: [...args],
    cwd,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: timeout,
  }).output();
  const decoder = new TextDecoder();
  return {
    code: timeout.aborted ? 124 : output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}
