/**
 * The folders that skills and commands are installed in: for whom, for which agent.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { AGENT_NAMES, type AgentName, AGENTS, installTarget } from "../../agents/agents.ts";
import { namedHome, ownPath } from "../../system/user_folders.ts";
import { isInside, lstatIfExists, realPathOr } from "../../system/files/files.ts";
import type { Surroundings } from "../setup.ts";

/** The agents that skills and commands can be installed for. */
export const TARGETS: readonly AgentName[] = AGENT_NAMES.filter((name) => AGENTS[name].install !== undefined);

/** For one person in all projects, or for everyone in one project. */
export const SCOPES = ["user", "project"] as const;
/** One of {@linkcode SCOPES}. */
export type Scope = typeof SCOPES[number];

/** A folder to install in. */
export interface Place {
  /** Its name in messages. */
  readonly label: string;
  /** All paths of an installation are relative to this. */
  readonly root: string;
  /** Links that lead out of this folder are not followed. */
  readonly boundary: string;
  /** The allowed first segments of paths. */
  readonly parts: readonly string[];
}

/**
 * Without agents: an agent expects a phase and a signal file, which only the loop provides. In a person's session it
 * would be offered as a helper and fail.
 */
const PLUGIN_PARTS = [".claude-plugin", "skills", "commands", ".mcp.json"];

/**
 * Finds the place for an agent and a scope.
 *
 * @throws {SamocodeError} If there is no home folder.
 */
export function placeOf(target: AgentName, scope: Scope, around: Surroundings): Place {
  const { parts, userFolder, projectFolder: folder } = installTarget(target);
  const { title } = AGENTS[target];
  if (scope === "project") {
    const boundary = projectFolder(around.workingDirectory);
    return { label: `${title}, for everyone in this project`, root: join(boundary, folder), boundary, parts };
  }
  const named = ownPath(userFolder, around.env);
  const home = namedHome(around.env);
  // A settings folder that the user moved or linked out of the home folder is its own boundary.
  const root = lstatIfExists(named)?.isSymlink ? realPathOr(named) : named;
  const boundary = isInside(home, root) || isInside(realPathOr(home), root) ? home : root;
  return { label: `${title}, for you in all projects`, root, boundary, parts };
}

/** The place of a plugin folder. */
export function pluginPlace(folder: string, { workingDirectory }: Surroundings): Place {
  const root = resolve(workingDirectory, folder);
  return { label: "A plugin for Claude Code", root, boundary: root, parts: PLUGIN_PARTS };
}

/** The repository's top folder, or the working directory itself outside of a repository. */
export function projectFolder(workingDirectory: string): string {
  for (let folder = workingDirectory;; folder = dirname(folder)) {
    if (isRepository(folder)) return folder;
    if (dirname(folder) === folder) return workingDirectory;
  }
}

/** As git does: a sandbox may leave an empty `.git` folder above, which does not count. A worktree's `.git` is a file. */
function isRepository(folder: string): boolean {
  const path = join(folder, ".git");
  return lstatIfExists(path)?.isFile === true || lstatIfExists(join(path, "HEAD")) !== undefined;
}
