/**
 * The few questions the worker asks git, each in the same safe way: no prompts, no pager, no hooks.
 *
 * @module
 */
import { type CommandResult, runCommand } from "../system/run_command.ts";
import { SamocodeError } from "../system/errors.ts";

/** A repository that will not answer for this long is treated as one that fails. */
const TIMEOUT_MS = 60_000;

/** Runs git in a folder; whatever it exits with is the caller's business. */
export async function git(cwd: string, ...args: readonly string[]): Promise<CommandResult> {
  try {
    return await runCommand("git", args, {
      cwd,
      timeoutMs: TIMEOUT_MS,
      // Nobody is there to type a password.
      env: { GIT_TERMINAL_PROMPT: "0", GIT_SSH_COMMAND: "ssh -o BatchMode=yes", LC_ALL: "C" },
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SamocodeError("system", `Cannot run git in ${cwd}: git or the folder is missing`, {
      hint: "Install git and check MAIN_REPO",
      cause: error,
    });
  }
}

/** Runs git and returns the trimmed output, or `undefined` where git refused. */
export async function askGit(cwd: string, ...args: readonly string[]): Promise<string | undefined> {
  const { code, stdout } = await git(cwd, ...args);
  return code === 0 ? stdout.trim() : undefined;
}

/**
 * Runs git where a refusal is an error.
 *
 * @throws {SamocodeError} With git's own words.
 */
export async function mustGit(cwd: string, args: readonly string[], hint: string): Promise<string> {
  const { code, stdout, stderr } = await git(cwd, ...args);
  if (code === 0) return stdout.trim();
  throw new SamocodeError("system", `Cannot run git ${args[0]} in ${cwd}: ${lastLine(stderr) || `exit code ${code}`}`, {
    hint,
  });
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.replace(/^fatal: /, "") ?? "";
}
