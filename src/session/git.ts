/**
 * Runs git for the worker: without prompts or a pager, and with a time limit. The repository's own hooks and settings
 * apply, as they would by hand.
 *
 * @module
 */
import { type CommandResult, runCommand } from "../system/processes/run_command.ts";
import { MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import { SamocodeError } from "../text/errors.ts";

/** Where git runs. With a marker, a new worker finds the git processes that a dead one left. */
export type GitPlace = string | {
  readonly folder: string;
  readonly marker?: string | undefined;
  readonly timeoutMs?: number;
};

/** Enough for every query; a checkout needs more. */
const TIMEOUT_MS = 60_000;

/** Runs git in a folder, whatever its exit code. */
export async function git(place: GitPlace, ...args: readonly string[]): Promise<CommandResult> {
  const { folder: cwd, marker, timeoutMs = TIMEOUT_MS } = typeof place === "string" ? { folder: place } : place;
  const marked = marker === undefined ? {} : { [MARKER_VARIABLE]: marker };
  try {
    return await runCommand("git", args, {
      cwd,
      timeoutMs,
      // Nobody can type a password. GIT_SSH_COMMAND would do, too, but it would override the repository's own.
      env: { GIT_TERMINAL_PROMPT: "0", SSH_ASKPASS: "false", SSH_ASKPASS_REQUIRE: "force", LC_ALL: "C", ...marked },
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SamocodeError("system", `Cannot run git in ${cwd}: git or the folder is missing`, {
      hint: "Install git and check MAIN_REPO",
      cause: error,
    });
  }
}

/** Runs git and returns the trimmed output, or `undefined` if git failed. */
export async function askGit(place: GitPlace, ...args: readonly string[]): Promise<string | undefined> {
  const { code, stdout } = await git(place, ...args);
  return code === 0 ? stdout.trim() : undefined;
}

/**
 * Runs git and returns the trimmed output.
 *
 * @throws {SamocodeError} With git's own message, if it failed.
 */
export async function mustGit(place: GitPlace, args: readonly string[], hint: string): Promise<string> {
  const result = await git(place, ...args);
  if (result.code === 0) return result.stdout.trim();
  const isLocked = /\.lock': File exists/.test(result.stderr);
  throw new SamocodeError("system", `Cannot run git ${args[0]} in ${folderOf(place)}: ${complaintOf(result)}`, {
    hint: isLocked ? "Delete that lock file if no git is running in the repository, then run the session again" : hint,
  });
}

/** The exit code of `runCommand` after a timeout; git itself exits with 1, 128 or 129. */
const TIMED_OUT = 124;

/** Git's error message, in one line. */
export function complaintOf({ code, stderr }: CommandResult): string {
  const lines = stderr.trim().split("\n");
  const complaint = lines.find((line) => /^(?:fatal|error): /.test(line)) ?? lines.at(-1) ?? "";
  if (code === TIMED_OUT) return "it took too long and was stopped";
  return complaint.replace(/^(?:fatal|error): /, "") || `exit code ${code}`;
}

/** The folder alone. */
export function folderOf(place: GitPlace): string {
  return typeof place === "string" ? place : place.folder;
}
