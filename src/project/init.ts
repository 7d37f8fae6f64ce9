/**
 * Sets up a project: its `.samocode`, the folders for worktrees and sessions, and what git should ignore.
 *
 * @module
 */
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { parse as parseEnvFile } from "dotenv";
import { askGit, git } from "../session/git.ts";
import { nearestProjectFile, PROJECT_FILE } from "../settings/load_settings.ts";
import {
  backupPath,
  isInside,
  lstatIfExists,
  readTextIfExists,
  statIfExists,
  writeAtomic,
} from "../system/files/files.ts";
import { expandHome } from "../system/user_folders.ts";
import { commandLine } from "../text/command_words.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import { findChecks } from "./find_checks.ts";
import type { Surroundings } from "./setup.ts";

/** A project that can be set up. */
export interface ProjectProposal {
  readonly mainRepo: string;
  /** Folders as a user may type them: relative to the working directory, or to the home folder with `~`. */
  readonly worktrees: string;
  readonly sessions: string;
  /** The `.samocode` to write. */
  readonly projectFile: string;
  /** The commands that check the work. */
  readonly checks: readonly (readonly string[])[];
  /** A `.samocode` further up, which this one will hide. */
  readonly hides: string | undefined;
}

/**
 * Proposes folders for the repository around the working directory, or for another one.
 *
 * @param options.mainRepo Another repository; `.samocode` then goes into the working directory.
 * @param options.force Whether an existing `.samocode` may be replaced.
 * @throws {SamocodeError} Outside of a repository, or if there is a `.samocode`.
 */
export async function proposeProject(
  around: Surroundings,
  { mainRepo: named, force }: { readonly mainRepo: string | undefined; readonly force: boolean },
): Promise<ProjectProposal> {
  const { workingDirectory } = around;
  const mainRepo = named === undefined ? await repositoryAt(workingDirectory) : folderAt(resolveTyped(named, around));
  const folder = named === undefined ? mainRepo : workingDirectory;
  const projectFile = join(folder, PROJECT_FILE);
  if (!force && lstatIfExists(projectFile) !== undefined) {
    const lines = (readTextIfExists(projectFile) ?? "").trimEnd().split("\n");
    const text = `${projectFile} already exists:\n${lines.map((line) => `    ${line}`).join("\n")}`;
    throw failure(text, "Edit it, or replace it with --force, which keeps a backup");
  }
  const beside = join(dirname(mainRepo), `${basename(mainRepo)}-samocode`);
  const hides = nearestProjectFile(dirname(folder));
  return {
    mainRepo,
    worktrees: join(beside, "worktrees"),
    sessions: join(beside, "sessions"),
    projectFile,
    checks: findChecks(mainRepo),
    hides,
  };
}

/** The main worktree's folder: a session's worktree must not become a project. */
async function repositoryAt(folder: string): Promise<string> {
  const listed = await git(folder, "worktree", "list", "--porcelain");
  const [, main] = /^worktree (.*)$/m.exec(listed.stdout) ?? [];
  if (listed.code !== 0 || main === undefined) {
    const hint = "Change to the repository, create one with git init, or name it with --main-repo";
    throw failure(`${folder} is not in a git repository`, hint);
  }
  if (/^bare$/m.test(listed.stdout.split("\n\n")[0] ?? "")) {
    throw failure(`the repository ${main} is bare`, "Clone it, and set up the clone");
  }
  return main;
}

function folderAt(path: string): string {
  if (statIfExists(path)?.isDirectory) return Deno.realPathSync(path);
  throw failure(`there is no folder ${path}`, "Check the path after --main-repo");
}

function resolveTyped(typed: string, { workingDirectory, env }: Surroundings): string {
  const home = env["HOME"] || env["USERPROFILE"];
  return resolve(workingDirectory, home === undefined ? typed : expandHome(typed, home));
}

/**
 * Creates the folders, makes git ignore what is inside the repository, and writes `.samocode` last: until it exists,
 * nothing is set up. An existing `.samocode` is kept as a backup.
 *
 * @returns The text of `.samocode`, and what else was done, one sentence each.
 * @throws {SamocodeError} If the folders cannot be used.
 */
export async function initProject(
  around: Surroundings,
  proposal: ProjectProposal,
): Promise<{ readonly text: string; readonly done: readonly string[] }> {
  const worktrees = resolveTyped(proposal.worktrees, around);
  const sessions = resolveTyped(proposal.sessions, around);
  const project = { ...proposal, worktrees, sessions };
  const { projectFile, mainRepo, hides } = project;
  checkFolders(project);
  const text = projectText(project);
  const done = [worktrees, sessions].filter(makeFolder).map((folder) => `Created ${folder}`);
  // Keys go into it.
  const secrets = join(dirname(projectFile), ".env");
  done.push(...await ignoreInRepository(mainRepo, { files: [projectFile, secrets], folders: [worktrees, sessions] }));
  if (lstatIfExists(projectFile) !== undefined) {
    const backup = backupPath(projectFile, new Date());
    Deno.renameSync(projectFile, backup);
    done.push(`The old file is now ${backup}`);
  }
  writeAtomic(projectFile, text);
  if (hides !== undefined) done.push(`In this folder it takes precedence over ${hides}`);
  return { text, done };
}

function rowsOf({ mainRepo, worktrees, sessions }: ProjectProposal): readonly (readonly [string, string])[] {
  return Object.entries({ MAIN_REPO: mainRepo, WORKTREES: worktrees, SESSIONS: sessions });
}

function checkFolders(project: ProjectProposal): void {
  const { mainRepo, worktrees, sessions } = project;
  const another = "Choose another folder";
  for (const [name, path] of rowsOf(project)) {
    if (/\p{Cc}/u.test(path)) throw failure(`${name} contains a control character`, another);
    if (statIfExists(path)?.isDirectory === false) throw failure(`${path} is not a folder`, another);
  }
  if (new Set([mainRepo, worktrees, sessions]).size < 3) {
    throw failure("two of the three folders are the same", "Choose a separate folder for each");
  }
  const inside = [worktrees, sessions].find((path) => isInside(join(mainRepo, ".git"), path));
  if (inside !== undefined) throw failure(`${inside} is inside the .git folder`, another);
  if (isInside(worktrees, mainRepo)) throw failure("WORKTREES contains the repository itself", another);
}

/** With relative paths where they are short, so that everything can be moved together. */
function projectText(project: ProjectProposal): string {
  const rows = rowsOf(project).map(([name, path]) => {
    const way = relative(dirname(project.projectFile), path) || ".";
    // `./` tells a folder called `~` from the home folder.
    return { name, value: way.startsWith(join("..", "..")) ? path : slashed(way).replace(/^~/, "./~") };
  });
  const folders = `${rows.map(({ name, value }) => `${name}=${quoted(value)}`).join("\n")}\n`;
  const text = folders + project.checks.map((command) => `CHECK=${commandLine(command)}\n`).join("");
  const read = parseEnvFile(text);
  // The settings are read without leading and trailing spaces.
  const lost = rows.find(({ name, value }) => read[name]?.trim() !== value);
  if (lost === undefined) return text;
  throw failure(`${PROJECT_FILE} cannot hold ${JSON.stringify(lost.value)}`, "Choose a folder with a simpler name");
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
    const hint = "Choose another folder, or check the permissions of its parent";
    throw systemError(`Cannot create ${path}`, { error, hint });
  }
}

/**
 * Adds what is inside the repository to `.git/info/exclude`. Not to `.gitignore`: these paths are one person's, on one
 * machine, and must not show up as a change to commit.
 */
async function ignoreInRepository(
  mainRepo: string,
  { files, folders }: { readonly files: readonly string[]; readonly folders: readonly string[] },
): Promise<readonly string[]> {
  const query = ["--path-format=absolute", "--show-toplevel", "--git-path", "info/exclude"];
  const [top, file] = (await askGit(mainRepo, "rev-parse", ...query))?.split("\n") ?? [];
  if (top === undefined || file === undefined) return [];
  const lines: string[] = [];
  for (const path of [...files, ...folders]) {
    if (!isInside(top, path) || path === top) continue;
    if ((await git(top, "check-ignore", "--quiet", "--no-index", "--", path)).code === 0) continue;
    const pattern = slashed(relative(top, path)).replace(/[\\*?[\]]/g, "\\$&").replace(/ $/, "\\ ");
    const end = basename(path) === PROJECT_FILE ? "*" : files.includes(path) ? "" : "/";
    lines.push(`/${pattern}${end}`);
  }
  if (lines.length === 0) return [];
  Deno.mkdirSync(dirname(file), { recursive: true });
  const before = readTextIfExists(file) ?? "";
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  writeAtomic(file, `${before}${gap}# samocode\n${lines.join("\n")}\n`);
  return [`Added ${lines.join(" and ")} to ${file}`];
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

function failure(text: string, hint: string): SamocodeError {
  return new SamocodeError("usage", `Cannot set up the project: ${text}`, { hint });
}
