/**
 * Runs a program in the person's terminal: a pager, an editor, git.
 *
 * @module
 */

/** What to run, and what it reads. */
export interface AttachedCommand {
  readonly command: readonly string[];
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from stdin; by default what the person types. */
  readonly input?: string;
}

/**
 * Runs it until it ends. Keys such as Ctrl-C are its own meanwhile.
 *
 * @returns Its exit code; 127 if there is no such program.
 */
export async function runAttached({ command, cwd, env = {}, input }: AttachedCommand): Promise<number> {
  const [binary = "", ...args] = command;
  const ignore = () => {};
  Deno.addSignalListener("SIGINT", ignore);
  try {
    const child = new Deno.Command(binary, {
      args,
      ...(cwd !== undefined && { cwd }),
      env: { ...env },
      stdin: input === undefined ? "inherit" : "piped",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    // A pager that is left early reads no more.
    if (input !== undefined) await new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
    return (await child.status).code;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 127;
    throw error;
  } finally {
    Deno.removeSignalListener("SIGINT", ignore);
  }
}
