/**
 * The few questions the worker asks git, each in the same safe way: no prompts, no pager, no end to wait for.
 *
 * The repository's hooks and settings hold as they would by hand: it is the person's own.
 *
 * @module
 */
import { type CommandResult, runCommand } from "../system/processes/run_command.ts";
import { MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import { SamocodeError } from "../text/errors.ts";

/** Where git is run: a folder. With a marker, whoever takes over from a worker that died finds what it left running. */
export type GitPlace = string | {
  readonly folder: string;
  readonly marker?: string | undefined;
  /** How long it may take, where that is more than an answer. */
  readonly patienceMs?: number;
};

/** A repository that will not answer for this long is treated as one that fails. */
const TIMEOUT_MS = 60_000;

/** Runs git in a folder; whatever it exits with is the caller's business. */
export async function git(place: GitPlace, ...args: readonly string[]): Promise<CommandResult> {
  const { folder: cwd, marker, patienceMs = TIMEOUT_MS } = typeof place === "string" ? { folder: place } : place;
  const marked = marker === undefined ? {} : { [MARKER_VARIABLE]: marker };
  try {
    return await runCommand("git", args, {
      cwd,
      timeoutMs: patienceMs,
      // Nobody is there to type a password. GIT_SSH_COMMAND would say so, too, but in place of the repository's own.
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

/** Runs git and returns the trimmed output, or `undefined` where git refused. */
export async function askGit(place: GitPlace, ...args: readonly string[]): Promise<string | undefined> {
  const { code, stdout } = await git(place, ...args);
  return code === 0 ? stdout.trim() : undefined;
}

/**
 * Runs git where a refusal is an error.
 *
 * @throws {SamocodeError} With git's own words.
 */
export async function mustGit(place: GitPlace, args: readonly string[], hint: string): Promise<string> {
  const result = await git(place, ...args);
  if (result.code === 0) return result.stdout.trim();
  const isLocked = /\.lock': File exists/.test(result.stderr);
  throw new SamocodeError("system", `Cannot run git ${args[0]} in ${folderOf(place)}: ${complaintOf(result)}`, {
    hint: isLocked ? "Delete that lock file if no git runs in the repository, then run the session again" : hint,
  });
}

/** The code of a program that was ended because its time was over; git itself ends with 1, 128 or 129. */
const TIMED_OUT = 124;

/** What git said against it, in one line. */
export function complaintOf({ code, stderr }: CommandResult): string {
  const lines = stderr.trim().split("\n");
  const complaint = lines.find((line) => /^(?:fatal|error): /.test(line)) ?? lines.at(-1) ?? "";
  if (code === TIMED_OUT) return "it took too long and was ended";
  return complaint.replace(/^(?:fatal|error): /, "") || `exit code ${code}`;
}

/** The folder alone. */
export function folderOf(place: GitPlace): string {
  return typeof place === "string" ? place : place.folder;
}
