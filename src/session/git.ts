/**
 * Runs git for the worker: without prompts or a pager, with a time limit, and so that nothing runs that the repository
 * brings along: no hook, filter, helper or other program that its own configuration names. The user's own do.
 *
 * @module
 */
import { join } from "node:path";
import { type CommandResult, runCommand } from "../system/processes/run_command.ts";
import type { AttachedCommand } from "../system/processes/run_attached.ts";
import { MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import { SamocodeError } from "../text/errors.ts";
import { readTextIfExists } from "../system/files/files.ts";
import { CLOSED, isHarmless, LIST_SETTINGS, overridesIn, variablesFor } from "./git_settings.ts";

/** Where git runs. With a marker, a new worker finds the git processes that a dead one left. */
export type GitPlace = string | {
  readonly folder: string;
  readonly marker?: string | undefined;
  readonly timeoutMs?: number;
  /** Added to git's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What git reads from stdin. */
  readonly input?: string;
  /** Ends git when it fires, as the time limit does. */
  readonly abort?: AbortSignal | undefined;
};

/** What git did. */
export interface GitResult extends CommandResult {
  /** The keys of the repository's own configuration that did not count. */
  readonly ignored: readonly string[];
}

/** Enough for every query; a checkout needs more. */
const TIMEOUT_MS = 60_000;

/** Commands that start nothing but, in a partial clone, a fetch; they are spared the look at the configuration. */
const QUERIES: readonly string[] = [
  ...["--version", "check-ignore", "check-ref-format", "config", "remote", "rev-list", "rev-parse", "symbolic-ref"],
  ...["commit-tree", "diff-tree", "for-each-ref", "ls-files", "merge-base"],
];

/**
 * What runs no hook that people keep for all repositories, so that their configuration need not be asked for it. The one
 * for references is left out for samocode's own.
 */
const HOOKLESS: readonly string[] = ["status", "update-index", "update-ref", "write-tree"];

/** Whatever the configuration says. A file system monitor and maintenance would outlive their command. */
const ALWAYS = [
  "core.fsmonitor=false",
  "maintenance.auto=false",
  "gc.auto=0",
  "protocol.ext.allow=never",
  "help.autoCorrect=0",
] as const;

/** What no configuration can switch off: git in submodules, signing, and programs that show differences. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  fetch: ["--no-recurse-submodules"],
  status: ["--ignore-submodules=dirty"],
  commit: ["--no-gpg-sign"],
  diff: ["--no-ext-diff", "--no-textconv"],
  // A person's uncommitted changes stay where they are, and the branch moves: theirs may say otherwise in `mergeOptions`.
  merge: ["--no-autostash", "--no-stat", "--no-squash"],
  push: ["--no-recurse-submodules", "--no-signed"],
};

/** Runs git in a folder, whatever its exit code. */
export async function git(place: GitPlace, ...args: readonly string[]): Promise<GitResult> {
  const at = args.findIndex((arg, index) => !arg.startsWith("-") && args[index - 1] !== "-c");
  const command = args[at] ?? "--version";
  if (QUERIES.includes(command)) {
    return { ...await start(place, [...flagsFor(always()), ...args], CLOSED), ignored: [] };
  }
  const flagged = args.toSpliced(at + 1, 0, ...FLAGS[command] ?? []);
  if (HOOKLESS.includes(command) && hasHarmlessSettings(place)) {
    return { ...await start(place, [...flagsFor(always()), ...flagged]), ignored: [] };
  }
  const listed = await start(place, LIST_SETTINGS);
  if (listed.code !== 0) return { ...listed, ignored: [] };
  const overrides = overridesIn(listed.stdout);
  return {
    ...await start(place, [...flagsFor(always(overrides.hooksPath)), ...flagged], variablesFor(overrides)),
    ignored: overrides.ignored,
  };
}

/**
 * What shows a person something in their terminal: git with their own colors and pager, and as harmless as above.
 *
 * @param look `pager` is a command for a shell, never one that the repository names.
 */
export async function lookWithGit(
  folder: string,
  { args: [command = "diff", ...args], pager }: { readonly args: readonly string[]; readonly pager: string },
): Promise<AttachedCommand> {
  const overrides = overridesIn((await start(folder, LIST_SETTINGS)).stdout);
  const flags = [...FLAGS[command] ?? [], "--submodule=short"];
  // Whether there are pages is the person's choice, too.
  const pairs = [...always(overrides.hooksPath), `pager.${command}=true`];
  return {
    command: ["git", ...flagsFor(pairs), command, ...flags, ...args],
    cwd: folder,
    env: { ...variablesFor(overrides), GIT_PAGER: pager },
  };
}

/** Looks into the files, which is much faster than asking git. */
function hasHarmlessSettings(place: GitPlace): boolean {
  if (typeof place !== "string" && place.env?.["GIT_DIR"] !== undefined) return false;
  try {
    const own = ownGitFolder(folderOf(place));
    if (own === undefined) return false;
    const files = [join(own, "..", "..", "config"), join(own, "config.worktree")];
    return files.every((path) => isHarmless(readTextIfExists(path) ?? ""));
  } catch {
    return false;
  }
}

/**
 * The git folder of a linked worktree, without links. Only one that is named to the letter as git does it: of any other, an
 * agent could lead git to another folder than this finds.
 */
function ownGitFolder(worktree: string): string | undefined {
  const named = /^gitdir: (\/[^\r\n]*\S)\n$/.exec(readTextIfExists(join(worktree, ".git")) ?? "")?.[1];
  if (named === undefined) return undefined;
  const own = Deno.realPathSync(named);
  return readTextIfExists(join(own, "commondir")) === "../..\n" ? own : undefined;
}

/** The keys of a repository's own configuration that do not count. */
export async function ignoredSettings(place: GitPlace): Promise<readonly string[]> {
  return overridesIn((await start(place, LIST_SETTINGS)).stdout).ignored;
}

/** The environment for another program that starts git there: its git obeys what {@linkcode git} does. */
export async function environmentForGit(place: GitPlace): Promise<Readonly<Record<string, string>>> {
  const overrides = overridesIn((await start(place, LIST_SETTINGS)).stdout);
  const pairs = always(overrides.hooksPath).map((pair) =>
    [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const
  );
  return { ...SILENT, ...variablesFor({ ...overrides, pairs: [...overrides.pairs, ...pairs] }) };
}

function always(hooksPath = "/dev/null"): readonly string[] {
  return [...ALWAYS, `core.hooksPath=${hooksPath}`];
}

/** Nobody can type a password. GIT_SSH_COMMAND would do, too, but it would override the user's own. */
const SILENT = { GIT_TERMINAL_PROMPT: "0", SSH_ASKPASS: "false", SSH_ASKPASS_REQUIRE: "force", LC_ALL: "C" } as const;

function flagsFor(pairs: readonly string[]): readonly string[] {
  return pairs.flatMap((pair) => ["-c", pair]);
}

async function start(
  place: GitPlace,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const given = typeof place === "string" ? { folder: place } : place;
  const { folder: cwd, marker, timeoutMs = TIMEOUT_MS, input = "", abort } = given;
  const marked = marker === undefined ? {} : { [MARKER_VARIABLE]: marker };
  try {
    return await runCommand("git", args, {
      cwd,
      timeoutMs,
      input,
      abort,
      env: { ...SILENT, ...given.env, ...env, ...marked },
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
export async function mustGit(
  place: GitPlace,
  args: readonly string[],
  hint: string | ((refused: GitResult) => string),
): Promise<string> {
  const result = await git(place, ...args);
  if (result.code === 0) return result.stdout.trim();
  const isLocked = /\.lock': File exists/.test(result.stderr);
  throw new SamocodeError("system", `Cannot run git ${args[0]} in ${folderOf(place)}: ${complaintOf(result)}`, {
    hint: isLocked
      ? "Delete that lock file if no git is running in the repository, then run the session again"
      : typeof hint === "string"
      ? hint
      : hint(result),
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
