/**
 * A project's folder on a machine of the fleet: the clone, the worktrees, the sessions, and `.samocode`.
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

/** Where the fleet is on this machine, and which. */
export interface FleetPlace {
  /** The user's data folder. */
  readonly data: string;
  /** Names the fleet in paths. */
  readonly key: string;
}

/** A project as the engine has it. */
export interface FleetProject {
  readonly id: string;
  readonly name: string;
  /** Its URL or path, as git takes it. Outside input. */
  readonly repository: string;
}

/** The paths of a project on a machine. All below `folder`. */
export interface ProjectPlace extends FleetPlace {
  readonly folder: string;
  readonly repo: string;
  readonly sessions: string;
  readonly worktrees: string;
  /** To be loaded with `config`: `.samocode`, or one beside it where the session has checks. */
  readonly projectFile: string;
}

/** What a project's folder is prepared for. */
export interface PrepareRequest extends FleetPlace {
  readonly project: FleetProject;
  /** The session's, from its request. Only `CHECK` is for `.samocode`; the others belong into the run's environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** The worker's own: what this writes is trusted in its user's name. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends a git that waits for the network. */
  readonly abort?: AbortSignal | undefined;
}

/** The folder of a fleet on this machine: `<data>/fleet/<key>`. */
export function fleetFolder({ data, key }: FleetPlace): string {
  return join(data, "fleet", oneSegment(key));
}

/** In the environment of every git that works for the fleet on this machine: a killed worker's are ended by it. */
export function machineMarker(place: FleetPlace): string {
  return `fleet-${hashOf(fleetFolder(place)).slice(0, 16)}`;
}

/** The paths of a project, whether or not it is there. */
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
 * Clones a project's repository if it is not there yet, and writes `.samocode`. Several workers and sessions of a machine
 * may do so at once. Nothing of the repository is trusted by that: agents obey its settings only if the machine's owner
 * trusts them in the project's folder, as in any other.
 *
 * @throws {SamocodeError} If the repository is refused or cannot be cloned, or its clone has another origin.
 */
export async function prepareProject(request: PrepareRequest): Promise<ProjectPlace> {
  const repository = readRepository(request.project.repository);
  const place = projectPlace(request);
  for (const folder of [place.sessions, place.worktrees]) Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  // On a file system without locks, two sessions of a project rarely begin in the same moment.
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
  // Whoever made that was killed.
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

/** Work must not go to a repository that is another project's by now. */
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
 * Writes `.samocode`. Sessions of one project may have other checks, and run at the same time: their files are named
 * after their content, so that none ever changes.
 *
 * @returns The path of the session's.
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
  // Who trusts the repository's files in the project's folder means all its sessions.
  const record = readRecord({ configFolder: configFolder(env), env, projectFile });
  const files = Object.entries(record).map(([path, seen]) => ({ ...seen, path, text: "" }));
  trustFiles({ configFolder: configFolder(env), env, projectFile: own }, files, { keep: true });
  return own;
}

function writeTrusted(path: string, { text, env }: { readonly text: string } & Pick<PrepareRequest, "env">): void {
  if (readTextIfExists(path) !== text) writeAtomic(path, text, { newMode: 0o600 });
  trustWritten({ path, text }, env);
}

/** The id of a project and the key of a fleet are made by machines. */
function oneSegment(name: string): string {
  if (/^[\w-]{1,100}$/.test(name)) return name;
  throw new SamocodeError("usage", `Cannot use ${JSON.stringify(name.slice(0, 100))} as the name of a folder`, {
    hint: "Only letters, digits, hyphens and underscores are allowed",
  });
}
