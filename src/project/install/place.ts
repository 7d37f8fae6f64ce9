/**
 * The places that skills and commands are installed in: for whom, for which program, in which folder.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { AGENT_NAMES, type AgentName, AGENTS, installTarget } from "../../agents/agents.ts";
import { homeFolder, ownPath } from "../../agents/own_path.ts";
import { lstatIfExists } from "../../system/files/files.ts";

/** The agents that skills and commands can be installed for. */
export const TARGETS: readonly AgentName[] = AGENT_NAMES.filter((name) => AGENTS[name].install !== undefined);

/** For whom: one person in all projects, or everybody in one project. */
export const SCOPES = ["user", "project"] as const;
/** One of them. */
export type Scope = typeof SCOPES[number];

/** A folder to install in. */
export interface Place {
  /** How a person calls it. */
  readonly label: string;
  /** All paths of an installation are relative to this. */
  readonly root: string;
  /** No link is followed out of here. */
  readonly boundary: string;
  /** The first segments that a path may have. */
  readonly parts: readonly string[];
}

/** Where the question is asked. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

/**
 * The parts of a plugin. Agents are none: they are for the loop, which gives them to its own iterations. In a person's
 * session they would be offered as helpers that wait for a signal file and a phase which are not there.
 */
export const PLUGIN_PARTS = [".claude-plugin", "skills", "commands", ".mcp.json"] as const;

/**
 * Finds the place for a program and a scope.
 *
 * @throws {SamocodeError} Where there is no home folder.
 */
export function placeOf(target: AgentName, scope: Scope, around: Surroundings): Place {
  const { parts, userFolder, projectFolder: folder } = installTarget(target);
  const { title } = AGENTS[target];
  if (scope === "project") {
    const boundary = projectFolder(around.workingDirectory);
    return { label: `${title}, for everybody in this project`, root: join(boundary, folder), boundary, parts };
  }
  const root = ownPath(userFolder, around.env);
  const home = homeFolder(around.env);
  // Whoever keeps his settings elsewhere, or links them to elsewhere, has drawn the boundary himself.
  const own = lstatIfExists(root)?.isSymlink ? realPathOr(root) : root;
  return { label: `${title}, for you in all projects`, root: own, boundary: isBelow(home, own) ? home : own, parts };
}

/** The place of a plugin folder. */
export function pluginPlace(folder: string, { workingDirectory }: Pick<Surroundings, "workingDirectory">): Place {
  const root = resolve(workingDirectory, folder);
  return { label: "A plugin for Claude Code", root, boundary: root, parts: PLUGIN_PARTS };
}

/** The repository's top folder, or the folder itself where it is in none. */
export function projectFolder(workingDirectory: string): string {
  for (let folder = workingDirectory;; folder = dirname(folder)) {
    if (isRepository(folder)) return folder;
    if (dirname(folder) === folder) return workingDirectory;
  }
}

/** As git sees it: a sandbox may have left an empty `.git` anywhere above. In a worktree it is a file. */
function isRepository(folder: string): boolean {
  const path = join(folder, ".git");
  return lstatIfExists(path)?.isFile === true || lstatIfExists(join(path, "HEAD")) !== undefined;
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(join(realPathOr(folder), "/")) || path.startsWith(join(folder, "/"));
}

function realPathOr(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
