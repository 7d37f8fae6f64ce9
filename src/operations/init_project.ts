/**
 * Sets a project up: its `.samocode`, the two folders, and what git is to leave alone.
 *
 * @module
 */
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { parse as parseEnvFile } from "dotenv";
import { askGit, git } from "../session/git.ts";
import { PROJECT_FILE } from "../settings/load_settings.ts";
import { messageOf, SamocodeError } from "../system/errors.ts";
import { isInside, lstatIfExists, readTextIfExists, statIfExists, writeAtomic } from "../system/files/files.ts";
import type { Setup } from "./install.ts";

/** Where a project's parts lie. */
export interface ProjectPlaces {
  readonly mainRepo: string;
  readonly worktrees: string;
  readonly sessions: string;
}

/** A project that can be set up. */
export interface ProjectProposal extends ProjectPlaces {
  /** The file to be written. */
  readonly projectFile: string;
  /** What stands in its place already. */
  readonly existing: string | undefined;
  /** A file further up that this one will hide. */
  readonly hides: string | undefined;
}

/** What was done. */
export interface InitializedProject {
  readonly projectFile: string;
  readonly text: string;
  readonly made: readonly string[];
  /** What git now leaves alone, and the file that says so. */
  readonly ignored: { readonly file: string; readonly lines: readonly string[] } | undefined;
  readonly backup: string | undefined;
}

/**
 * Proposes places for the repository that one stands in, or for the one that is named.
 *
 * @param mainRepo The repository, where it is not the one that one stands in: `.samocode` goes to where one stands then.
 * @throws {SamocodeError} Outside of a repository.
 */
export async function proposeProject(
  { workingDirectory, env }: Setup,
  { mainRepo: named }: { readonly mainRepo: string | undefined },
): Promise<ProjectProposal> {
  const mainRepo = named === undefined
    ? await repositoryAt(workingDirectory)
    : namedRepository(placeFrom(named, { workingDirectory, env }));
  const folder = named === undefined ? mainRepo : workingDirectory;
  const beside = join(dirname(mainRepo), `${basename(mainRepo)}-samocode`);
  const projectFile = join(folder, PROJECT_FILE);
  return {
    mainRepo,
    worktrees: join(beside, "worktrees"),
    sessions: join(beside, "sessions"),
    projectFile,
    existing: lstatIfExists(projectFile) === undefined ? undefined : textOrNothing(projectFile),
    hides: nearestAbove(dirname(folder)),
  };
}

/** A folder as a person types it: `~` is the home folder, and relative paths start where one stands. */
export function placeFrom(typed: string, { workingDirectory, env }: Pick<Setup, "workingDirectory" | "env">): string {
  const home = env["HOME"] || env["USERPROFILE"];
  if (home !== undefined && (typed === "~" || /^~[\\/]/.test(typed))) return join(home, typed.slice(1));
  return resolve(workingDirectory, typed);
}

/**
 * Makes the folders, tells git to leave alone what lies in the repository, and writes `.samocode` last: as long as it is
 * not there, nothing has begun.
 *
 * @throws {SamocodeError} Where `.samocode` is there and may not be replaced, or places cannot be what they should be.
 */
export async function initProject(
  proposal: ProjectProposal,
  { force, now }: { readonly force: boolean; readonly now: Date },
): Promise<InitializedProject> {
  const { projectFile, existing, mainRepo, worktrees, sessions } = proposal;
  if (existing !== undefined && !force) throw existsAlready(projectFile);
  checkPlaces(proposal);
  const text = projectText(proposal);
  const made = [worktrees, sessions].filter((folder) => makeFolder(folder));
  const ignored = await ignoreInRepository(mainRepo, [projectFile, worktrees, sessions]);
  const backup = existing === undefined ? undefined : backUp(projectFile, now);
  writeAtomic(projectFile, text);
  return { projectFile, text, made, ignored, backup };
}

/** The error where a project is set up already. */
export function existsAlready(projectFile: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot set the project up: ${projectFile} is there already`, {
    hint: "Edit it, or replace it with --force, which keeps a backup beside it",
  });
}

/** The main worktree's folder: a session's own worktree must not become the project of others. */
async function repositoryAt(folder: string): Promise<string> {
  const listed = await git(folder, "worktree", "list", "--porcelain");
  const [, main] = /^worktree (.*)$/m.exec(listed.stdout) ?? [];
  if (listed.code !== 0 || main === undefined) {
    throw new SamocodeError("usage", `Cannot set a project up in ${folder}: it is not in a git repository`, {
      hint: "Go into the repository, make one with git init, or name it with --main-repo",
    });
  }
  if (/^bare$/m.test(listed.stdout.split("\n\n")[0] ?? "")) {
    throw new SamocodeError("usage", `Cannot set a project up in ${main}: the repository is bare`, {
      hint: "Clone it, and set the clone up",
    });
  }
  return main;
}

function namedRepository(path: string): string {
  if (statIfExists(path)?.isDirectory) return Deno.realPathSync(path);
  throw new SamocodeError("usage", `Cannot use ${path} as the repository: there is no such folder`, {
    hint: "Check the path after --main-repo",
  });
}

function checkPlaces({ mainRepo, worktrees, sessions }: ProjectPlaces): void {
  const problem = (text: string, hint: string) =>
    new SamocodeError("usage", `Cannot set the project up: ${text}`, { hint });
  const places = { MAIN_REPO: mainRepo, WORKTREES: worktrees, SESSIONS: sessions };
  for (const [name, path] of Object.entries(places)) {
    if (/\p{Cc}/u.test(path)) throw problem(`${name} has a control character in it`, "Choose another folder");
    const found = statIfExists(path);
    if (found !== undefined && !found.isDirectory) throw problem(`${path} is no folder`, "Choose another one");
  }
  if (worktrees === sessions || worktrees === mainRepo || sessions === mainRepo) {
    throw problem("two of the three folders are the same", "Give each its own");
  }
  const inside = [worktrees, sessions].find((path) => isInside(join(mainRepo, ".git"), path));
  if (inside !== undefined) throw problem(`${inside} lies in git's own folder`, "Choose another one");
  if (isInside(worktrees, mainRepo)) throw problem("WORKTREES holds the repository itself", "Choose another folder");
}

/** Relative where that is short: the whole can be moved then. */
function projectText({ projectFile, mainRepo, worktrees, sessions }: ProjectProposal): string {
  const folder = dirname(projectFile);
  const rows = Object.entries({ MAIN_REPO: mainRepo, WORKTREES: worktrees, SESSIONS: sessions }).map(([name, path]) => {
    const way = relative(folder, path) || ".";
    const short = way.split(sep).join("/");
    // A folder that is called `~` here is not the home folder.
    return { name, value: way.startsWith(join("..", "..")) ? path : short.replace(/^~/, "./~") };
  });
  const text = `${rows.map(({ name, value }) => `${name}=${quoted(value)}`).join("\n")}\n`;
  const read = parseEnvFile(text);
  // Whoever reads it takes the spaces at the ends for decoration.
  const lost = rows.find(({ name, value }) => read[name]?.trim() !== value);
  if (lost === undefined) return text;
  throw new SamocodeError(
    "usage",
    `Cannot write ${JSON.stringify(lost.value)} into ${PROJECT_FILE}: it cannot hold it`,
    {
      hint: "Choose a folder with a simpler name",
    },
  );
}

function quoted(value: string): string {
  if (/^[\w./+@:,-]+$/.test(value)) return value;
  const mark = ["'", "`", '"'].find((candidate) => !value.includes(candidate)) ?? "'";
  return `${mark}${value}${mark}`;
}

function makeFolder(path: string): boolean {
  if (statIfExists(path)?.isDirectory) return false;
  try {
    Deno.mkdirSync(path, { recursive: true });
    return true;
  } catch (error) {
    throw new SamocodeError("system", `Cannot make ${path}: ${messageOf(error)}`, {
      hint: "Choose another folder, or give yourself the right to write there",
      cause: error,
    });
  }
}

/**
 * Adds what lies in the repository to `.git/info/exclude`. Not to `.gitignore`: these paths are one person's, on one
 * machine, and a change in a tracked file would be one more thing to commit or to explain.
 */
async function ignoreInRepository(
  mainRepo: string,
  paths: readonly string[],
): Promise<InitializedProject["ignored"]> {
  const top = await askGit(mainRepo, "rev-parse", "--show-toplevel");
  const file = await askGit(mainRepo, "rev-parse", "--path-format=absolute", "--git-path", "info/exclude");
  if (top === undefined || file === undefined) return undefined;
  const lines: string[] = [];
  for (const path of paths) {
    if (!isInside(top, path) || path === top) continue;
    if ((await git(top, "check-ignore", "--quiet", "--no-index", "--", path)).code === 0) continue;
    const pattern = relative(top, path).split(sep).join("/").replace(/[\\*?[\]]/g, "\\$&").replace(/ $/, "\\ ");
    lines.push(basename(path) === PROJECT_FILE ? `/${pattern}*` : `/${pattern}/`);
  }
  if (lines.length === 0) return undefined;
  Deno.mkdirSync(dirname(file), { recursive: true });
  const before = readTextIfExists(file) ?? "";
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  writeAtomic(file, `${before}${gap}# samocode\n${lines.join("\n")}\n`);
  return { file, lines };
}

function backUp(path: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  for (let count = 1;; count++) {
    const backup = `${path}.bak-${stamp}${count === 1 ? "" : `-${count}`}`;
    if (lstatIfExists(backup) !== undefined) continue;
    Deno.renameSync(path, backup);
    return backup;
  }
}

function nearestAbove(from: string): string | undefined {
  for (let folder = from;; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE);
    if (statIfExists(path)?.isFile) return path;
    if (dirname(folder) === folder) return undefined;
  }
}

function textOrNothing(path: string): string {
  try {
    return readTextIfExists(path) ?? "";
  } catch {
    return "";
  }
}
