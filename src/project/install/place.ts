/**
 * The places that skills and commands are installed in: for whom, for which program, in which folder.
 *
 * @module
 */
import { dirname, isAbsolute, join, resolve } from "node:path";
import { SamocodeError } from "../../system/errors.ts";
import { lstatIfExists } from "../../system/files/files.ts";

/** The programs that can be given skills. */
export const TARGETS = ["claude", "codex"] as const;
/** One of them. */
export type Target = typeof TARGETS[number];

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

/** What each program is called. */
export const TARGET_NAMES: Readonly<Record<Target, string>> = { claude: "Claude Code", codex: "Codex" };

/**
 * The parts of a plugin. Agents are none: they are for the loop, which gives them to its own iterations. In a person's
 * session they would be offered as helpers that wait for a signal file and a phase which are not there.
 */
export const PLUGIN_PARTS = [".claude-plugin", "skills", "commands", ".mcp.json"] as const;

/**
 * What can be installed in each program, without the loop. Codex 0.169 has skills, called `$name`, and no commands of
 * one's own any more.
 */
export const TARGET_PARTS: Readonly<Record<Target, readonly string[]>> = {
  claude: ["skills", "commands"],
  codex: ["skills"],
};

/**
 * Finds the place for a program and a scope.
 *
 * @throws {SamocodeError} Where there is no home folder.
 */
export function placeOf(target: Target, scope: Scope, around: Surroundings): Place {
  const parts = TARGET_PARTS[target];
  const name = TARGET_NAMES[target];
  if (scope === "project") {
    const boundary = projectFolder(around.workingDirectory);
    const root = join(boundary, target === "claude" ? ".claude" : ".agents");
    return { label: `${name}, for everybody in this project`, root, boundary, parts };
  }
  const root = target === "claude" ? claudeFolder(around.env) : codexFolder(around.env);
  const home = homeFolder(around.env);
  // Whoever keeps his settings elsewhere, or links them to elsewhere, has drawn the boundary himself.
  const own = lstatIfExists(root)?.isSymlink ? realPathOr(root) : root;
  return { label: `${name}, for you in all projects`, root: own, boundary: isBelow(home, own) ? home : own, parts };
}

/** The place of a plugin folder. */
export function pluginPlace(folder: string, { workingDirectory }: Pick<Surroundings, "workingDirectory">): Place {
  const root = resolve(workingDirectory, folder);
  return { label: "A plugin for Claude Code", root, boundary: root, parts: PLUGIN_PARTS };
}

/** Where Claude Code keeps what is the person's own. */
export function claudeFolder(env: Surroundings["env"]): string {
  return named(env, "CLAUDE_CONFIG_DIR") ?? join(homeFolder(env), ".claude");
}

/** The file in which Claude Code keeps its state, the person's MCP servers among it. */
export function claudeStateFile(env: Surroundings["env"]): string {
  return join(named(env, "CLAUDE_CONFIG_DIR") ?? homeFolder(env), ".claude.json");
}

/** Where Codex keeps what is the person's own. */
export function codexFolder(env: Surroundings["env"]): string {
  return named(env, "CODEX_HOME") ?? join(homeFolder(env), ".codex");
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

function named(env: Surroundings["env"], name: string): string | undefined {
  const path = env[name];
  return path === undefined || path === "" ? undefined : resolve(path);
}

/** Unlike a setting, an installation must not fall back to the root of the file system. */
function homeFolder(env: Surroundings["env"]): string {
  const home = env["HOME"] || env["USERPROFILE"] || "";
  if (isAbsolute(home)) return resolve(home);
  throw new SamocodeError("usage", "Cannot find your home folder: HOME is not set to an absolute path", {
    hint: "Set HOME",
  });
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
