/**
 * Sets a project up: its `.samocode`, the two folders, and what git is to ignore.
 *
 * @module
 */
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { parse as parseEnvFile } from "dotenv";
import { askGit, git } from "../session/git.ts";
import { nearestProjectFile, PROJECT_FILE } from "../settings/load_settings.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { isInside, lstatIfExists, readTextIfExists, statIfExists, writeAtomic } from "../system/files/files.ts";
import { backupEnding } from "./install/plan_steps.ts";
import type { Setup } from "./setup.ts";

/** A project that can be set up, and where its parts go. */
export interface ProjectProposal {
  readonly mainRepo: string;
  readonly worktrees: string;
  readonly sessions: string;
  /** The file to be written. */
  readonly projectFile: string;
  /** What is in its place already. */
  readonly existing: string | undefined;
  /** A file further up that this one will hide. */
  readonly hides: string | undefined;
}

/**
 * Proposes places for the repository that one stands in, or for the one that is named.
 *
 * @param mainRepo A repository elsewhere: `.samocode` then goes into the working directory.
 * @throws {SamocodeError} Outside of a repository.
 */
export async function proposeProject(
  setup: Setup,
  { mainRepo: named }: { readonly mainRepo: string | undefined },
): Promise<ProjectProposal> {
  const mainRepo = named === undefined
    ? await repositoryAt(setup.workingDirectory)
    : namedRepository(placeFrom(named, setup));
  const folder = named === undefined ? mainRepo : setup.workingDirectory;
  const beside = join(dirname(mainRepo), `${basename(mainRepo)}-samocode`);
  const projectFile = join(folder, PROJECT_FILE);
  return {
    mainRepo,
    worktrees: join(beside, "worktrees"),
    sessions: join(beside, "sessions"),
    projectFile,
    existing: lstatIfExists(projectFile) === undefined ? undefined : textOrNothing(projectFile),
    hides: nearestProjectFile(dirname(folder)),
  };
}

/** A folder as a person types it: `~` is the home folder, and relative paths start in the working directory. */
export function placeFrom(typed: string, { workingDirectory, env }: Pick<Setup, "workingDirectory" | "env">): string {
  const home = env["HOME"] || env["USERPROFILE"];
  if (home !== undefined && (typed === "~" || /^~[\\/]/.test(typed))) return join(home, typed.slice(1));
  return resolve(workingDirectory, typed);
}

/**
 * Makes the folders, lets git ignore what lies in the repository, and writes `.samocode` last: as long as it is missing,
 * nothing has begun.
 *
 * @returns The text of `.samocode`, and what else was done, a sentence each.
 * @throws {SamocodeError} Where `.samocode` exists and may not be replaced, or places cannot be what they should be.
 */
export async function initProject(
  proposal: ProjectProposal,
  { force, now = new Date() }: { readonly force: boolean; readonly now?: Date },
): Promise<{ readonly text: string; readonly done: readonly string[] }> {
  const { projectFile, existing, mainRepo, worktrees, sessions, hides } = proposal;
  if (existing !== undefined && !force) throw existsAlready(projectFile);
  checkPlaces(proposal);
  const text = projectText(proposal);
  const made = [worktrees, sessions].filter((folder) => makeFolder(folder));
  const ignored = await ignoreInRepository(mainRepo, [projectFile, worktrees, sessions]);
  const backup = projectFile + backupEnding(projectFile, now);
  if (existing !== undefined) Deno.renameSync(projectFile, backup);
  writeAtomic(projectFile, text);
  const done = [
    ...(existing === undefined ? [] : [`The old one is ${backup}`]),
    ...made.map((folder) => `Made ${folder}`),
    ...ignored,
    ...(hides === undefined ? [] : [`From here on it counts instead of ${hides}`]),
  ];
  return { text, done };
}

/** The error where a project is set up already. */
export function existsAlready(projectFile: string): SamocodeError {
  return problem(`${projectFile} is there already`, "Edit it, or replace it with --force, which keeps a backup", {
    code: "conflict",
  });
}

/** The main worktree's folder: a session's own worktree must not become the project of others. */
async function repositoryAt(folder: string): Promise<string> {
  const listed = await git(folder, "worktree", "list", "--porcelain");
  const [, main] = /^worktree (.*)$/m.exec(listed.stdout) ?? [];
  if (listed.code !== 0 || main === undefined) {
    throw problem(
      `${folder} is not in a git repository`,
      "Go into the repository, make one with git init, or name it with --main-repo",
    );
  }
  if (/^bare$/m.test(listed.stdout.split("\n\n")[0] ?? "")) {
    throw problem(`the repository ${main} is bare`, "Clone it, and set the clone up");
  }
  return main;
}

function namedRepository(path: string): string {
  if (statIfExists(path)?.isDirectory) return Deno.realPathSync(path);
  throw problem(`there is no folder ${path}`, "Check the path after --main-repo");
}

function checkPlaces({ mainRepo, worktrees, sessions }: ProjectProposal): void {
  const another = "Choose another folder";
  for (const [name, path] of Object.entries({ MAIN_REPO: mainRepo, WORKTREES: worktrees, SESSIONS: sessions })) {
    if (/\p{Cc}/u.test(path)) throw problem(`${name} contains a control character`, another);
    if (statIfExists(path)?.isDirectory === false) throw problem(`${path} is not a folder`, another);
  }
  if (new Set([mainRepo, worktrees, sessions]).size < 3) {
    throw problem("two of the three folders are the same", "Give each its own");
  }
  const inside = [worktrees, sessions].find((path) => isInside(join(mainRepo, ".git"), path));
  if (inside !== undefined) throw problem(`${inside} is inside git's own folder`, another);
  if (isInside(worktrees, mainRepo)) throw problem("WORKTREES contains the repository itself", another);
}

/** Relative where that is short, so that everything can be moved together. */
function projectText({ projectFile, mainRepo, worktrees, sessions }: ProjectProposal): string {
  const rows = Object.entries({ MAIN_REPO: mainRepo, WORKTREES: worktrees, SESSIONS: sessions }).map(([name, path]) => {
    const way = relative(dirname(projectFile), path) || ".";
    // A folder that is called `~` here is not the home folder.
    return { name, value: way.startsWith(join("..", "..")) ? path : slashed(way).replace(/^~/, "./~") };
  });
  const text = `${rows.map(({ name, value }) => `${name}=${quoted(value)}`).join("\n")}\n`;
  const read = parseEnvFile(text);
  // The reader strips the spaces at both ends.
  const lost = rows.find(({ name, value }) => read[name]?.trim() !== value);
  if (lost === undefined) return text;
  throw problem(`${PROJECT_FILE} cannot hold ${JSON.stringify(lost.value)}`, "Choose a folder with a simpler name");
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
    const hint = "Choose another folder, or give yourself the right to write there";
    throw problem(`${path} cannot be made: ${messageOf(error)}`, hint, { code: "system", cause: error });
  }
}

/**
 * Adds what lies in the repository to `.git/info/exclude`. Not to `.gitignore`: these paths are one person's, on one
 * machine, and a change in a tracked file would be one more thing to commit or to explain.
 */
async function ignoreInRepository(mainRepo: string, paths: readonly string[]): Promise<readonly string[]> {
  const top = await askGit(mainRepo, "rev-parse", "--show-toplevel");
  const file = await askGit(mainRepo, "rev-parse", "--path-format=absolute", "--git-path", "info/exclude");
  if (top === undefined || file === undefined) return [];
  const lines: string[] = [];
  for (const path of paths) {
    if (!isInside(top, path) || path === top) continue;
    if ((await git(top, "check-ignore", "--quiet", "--no-index", "--", path)).code === 0) continue;
    const pattern = slashed(relative(top, path)).replace(/[\\*?[\]]/g, "\\$&").replace(/ $/, "\\ ");
    lines.push(basename(path) === PROJECT_FILE ? `/${pattern}*` : `/${pattern}/`);
  }
  if (lines.length === 0) return [];
  Deno.mkdirSync(dirname(file), { recursive: true });
  const before = readTextIfExists(file) ?? "";
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  writeAtomic(file, `${before}${gap}# samocode\n${lines.join("\n")}\n`);
  return [`Told git to ignore ${lines.join(" and ")}, in ${file}`];
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

function textOrNothing(path: string): string {
  try {
    return readTextIfExists(path) ?? "";
  } catch {
    return "";
  }
}

function problem(
  text: string,
  hint: string,
  { code = "usage", cause }: { readonly code?: "usage" | "conflict" | "system"; readonly cause?: unknown } = {},
): SamocodeError {
  return new SamocodeError(code, `Cannot set the project up: ${text}`, { hint, cause });
}
