/**
 * A project's folder on a fleet machine: the clone, the worktrees, the sessions, and `.samocode`.
 *
 * @module
 */
import { join } from "node:path";
import { trustWritten } from "../operations/trust_project.ts";
import { askGit, complaintOf, git, type GitPlace } from "../session/git.ts";
import { PROJECT_FILE } from "../settings/load_settings.ts";
import { CHECKS, problemWithCommands } from "../settings/project_lines.ts";
import { lstatIfExists, readTextIfExists, removeFolder, writeAtomic } from "../system/files/files.ts";
import { lockFolder } from "../system/files/folder_lock.ts";
import { configFolder } from "../system/user_folders.ts";
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { readRecord, trustFiles } from "../trust/record.ts";
import { hashOf } from "../trust/seen_file.ts";
import { readRepository } from "./repository_url.ts";
import { REMOTE } from "./shared_refs.ts";

/** Identifies a fleet and its place on this machine. */
export interface FleetPlace {
  /** The user's data folder. */
  readonly data: string;
  /** The fleet's name in paths. */
  readonly key: string;
}

/** A project as stored in the engine. */
export interface FleetProject {
  readonly id: string;
  readonly name: string;
  /** Its URL or path, as git takes it. Untrusted. */
  readonly repository: string;
}

/** A project's paths on a machine, all below `folder`. */
export interface ProjectPlace extends FleetPlace {
  readonly folder: string;
  readonly repo: string;
  readonly sessions: string;
  readonly worktrees: string;
  /** The file to load as `config`: `.samocode`, or one next to it if the session has checks. */
  readonly projectFile: string;
}

/** What to prepare a project's folder for. */
export interface PrepareRequest extends FleetPlace {
  readonly project: FleetProject;
  /** Settings from the session's request. Only `CHECK` goes into `.samocode`; the others into the run's environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** The worker's environment: the files written here are trusted for its user. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends git processes, for example while they wait for the network. */
  readonly abort?: AbortSignal | undefined;
}

/** The folder of a fleet on this machine: `<data>/fleet/<key>`. */
export function fleetFolder({ data, key }: FleetPlace): string {
  return join(data, "fleet", oneSegment(key));
}

/** Marks the environment of the fleet's git processes on this machine, to find and end those of a killed worker. */
export function machineMarker(place: FleetPlace): string {
  return `fleet-${hashOf(fleetFolder(place)).slice(0, 16)}`;
}

/** The paths of a project, whether or not they exist. */
export function projectPlace(
  { data, key, project }: FleetPlace & { readonly project: Pick<FleetProject, "id"> },
): ProjectPlace {
  const folder = join(fleetFolder({ data, key }), oneSegment(project.id));
  return {
    data,
    key,
    folder,
    repo: join(folder, "repo"),
    sessions: join(folder, "sessions"),
    worktrees: join(folder, "worktrees"),
    projectFile: join(folder, PROJECT_FILE),
  };
}

/**
 * Clones a project's repository if needed, and writes `.samocode`. Workers and sessions of a machine may call it at the
 * same time. This trusts nothing in the repository: agents use its settings only if the machine's owner trusts them in
 * the project's folder, as in any clone.
 *
 * @throws {SamocodeError} If the repository is refused or cannot be cloned, or its clone has another origin.
 */
export async function prepareProject(request: PrepareRequest): Promise<ProjectPlace> {
  const repository = readRepository(request.project.repository);
  const place = projectPlace(request);
  for (const folder of [place.sessions, place.worktrees]) Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Continue without a lock where the file system has none: two sessions of a project rarely start at the same moment.
  using _turn = await lockFolder(place.folder).catch(() => undefined);
  const { abort } = request;
  await cloneOnce({ folder: place.folder, marker: machineMarker(request), abort }, { repository, repo: place.repo });
  return { ...place, projectFile: writeProjectFile(place, request) };
}

/** Enough for a large repository. */
const CLONE_MS = 30 * 60_000;

async function cloneOnce(
  place: GitPlace & object,
  { repository, repo }: { readonly repository: string; readonly repo: string },
): Promise<void> {
  if (lstatIfExists(repo) !== undefined) return await checkOrigin({ ...place, folder: repo }, repository);
  // Left over from a process that was killed.
  const half = `${repo}.new`;
  removeFolder(half);
  const cloned = await git(
    { ...place, timeoutMs: CLONE_MS },
    ...["clone", "--quiet", "--origin", REMOTE, "--", repository, half],
  );
  if (cloned.code !== 0) {
    removeFolder(half);
    throw new SamocodeError(
      "system",
      `Cannot clone ${repository}: ${place.abort?.aborted ? "it was stopped" : complaintOf(cloned)}`,
      { hint: `Check that this machine's user has access: git ls-remote ${shellWord(repository)}` },
    );
  }
  if (await askGit({ ...place, folder: half }, "rev-parse", "--verify", "--quiet", "HEAD^{commit}") === undefined) {
    removeFolder(half);
    throw new SamocodeError("conflict", `Cannot work on ${repository}: its default branch has no commit`, {
      hint: "Push a first commit, or set the remote's HEAD to the branch that has one",
    });
  }
  Deno.renameSync(half, repo);
}

/** Refuses a clone with another origin: work must not be pushed to another project's repository. */
async function checkOrigin(repo: GitPlace & object, repository: string): Promise<void> {
  const found = await askGit(repo, "config", "--local", "--get-all", `remote.${REMOTE}.url`) ?? "nowhere";
  if (found === repository) return;
  const command = `git -C ${shellWord(repo.folder)} remote set-url ${REMOTE} ${shellWord(repository)}`;
  throw new SamocodeError(
    "conflict",
    `Cannot work in ${repo.folder}: it is a clone of ${found}, not of ${repository}`,
    {
      hint: `Move it away. If only the repository's address has changed: ${command}`,
    },
  );
}

const FOLDERS = "# Written by samocode for its fleet.\nMAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n";

/**
 * Writes `.samocode`. Sessions of one project can run at the same time with different checks: such files are named
 * after their content, so that none ever changes.
 *
 * @returns The path of the session's file.
 */
function writeProjectFile({ folder, projectFile }: ProjectPlace, { settings, env }: PrepareRequest): string {
  writeTrusted(projectFile, { text: FOLDERS, env });
  const checks = settings[CHECKS]?.trim() ?? "";
  if (checks === "") return projectFile;
  const problem = problemWithCommands(checks);
  if (problem !== undefined) {
    throw new SamocodeError("usage", `Cannot use the session's ${CHECKS}: ${problem}`, {
      hint: `Correct it in the ${PROJECT_FILE} of the project that it was submitted from, and submit it again`,
    });
  }
  const text = `${FOLDERS}${checks.split("\n").map((line) => `${CHECKS}=${line.trim()}\n`).join("")}`;
  const own = join(folder, `${PROJECT_FILE}-${hashOf(text).slice(0, 12)}`);
  writeTrusted(own, { text, env });
  // Trust given in the project's folder to the repository's files applies to all its sessions.
  const record = readRecord({ configFolder: configFolder(env), env, projectFile });
  const files = Object.entries(record).map(([path, seen]) => ({ ...seen, path, text: "" }));
  trustFiles({ configFolder: configFolder(env), env, projectFile: own }, files, { keep: true });
  return own;
}

function writeTrusted(path: string, { text, env }: { readonly text: string } & Pick<PrepareRequest, "env">): void {
  if (readTextIfExists(path) !== text) writeAtomic(path, text, { newMode: 0o600 });
  trustWritten({ path, text }, env);
}

/** Checks a generated name, a project's id or a fleet's key, before it becomes a folder. */
function oneSegment(name: string): string {
  if (/^[\w-]{1,100}$/.test(name)) return name;
  throw new SamocodeError("usage", `Cannot use ${JSON.stringify(name.slice(0, 100))} as the name of a folder`, {
    hint: "Only letters, digits, hyphens and underscores are allowed",
  });
}
