/**
 * Keeps agents from a person's acts at the command line: an agent with a shell can type `samocode approve`, for its own
 * session or for another one. Whoever clears its environment and leaves its parents is not found; see docs/security.md.
 *
 * @module
 */
import { dirname } from "node:path";
import { agentMarkIn } from "../settings/agent_environment.ts";
import { homeFolder } from "../system/user_folders.ts";
import { isInside, lstatIfExists, realPathOr } from "../system/files/files.ts";
import { MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import { type Ancestor, ancestorsOf } from "../system/processes/process_table.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import type { Samocode } from "./samocode.ts";

/** What is acted on. */
export interface PeopleOnly {
  readonly verb: string;
  readonly env: Samocode["env"];
  /** All folders and files that the act concerns. */
  readonly places: readonly string[];
  /** Whether only samocode's own agents are refused: a person's agent may do it for them. */
  readonly isForParents?: boolean;
}

/** All that a project's sessions consist of. */
export function placesOf({ settings }: Pick<Samocode, "settings">): readonly string[] {
  const { projectFile, mainRepo, worktrees, sessions } = settings;
  return [dirname(projectFile), mainRepo, worktrees, sessions];
}

/**
 * Refuses what a person's agent may do for them, but no agent of a session: it would work where nobody sent it, and with
 * limits of its own.
 *
 * @throws {SamocodeError} Where an agent of a session asks.
 */
export function refuseOwnAgents(samocode: Pick<Samocode, "settings" | "env">, verb: string): void {
  refuseAgents({ verb, env: samocode.env, places: placesOf(samocode), isForParents: true });
}

/**
 * Refuses where an agent is above this process, by its own environment or by those of the processes above it. What lies
 * wholly in an agent's own temporary folder or worktree is its own affair: a test that it runs, for example.
 *
 * @throws {SamocodeError} Where an agent types.
 */
export function refuseAgents({ verb, env, places, isForParents = false }: PeopleOnly): void {
  const self = { pid: Deno.pid, parent: 0, env };
  const above = [self, ...ancestorsOf(Deno.pid)];
  const markIn = isForParents ? ownMarkIn : agentMarkIn;
  const marked = above.filter((each) => markIn(each.env) !== undefined);
  const [nearest, top] = [marked[0], marked.at(-1)];
  if (nearest === undefined || top === undefined) return;
  if (foldersOf(top).some((folder) => places.every((place) => isInside(folder, realPathOr(place))))) return;
  throw new SamocodeError(
    "usage",
    `Cannot ${verb}: only a person may, and an agent started this (${markIn(nearest.env)} is set)`,
    { hint: "Type the command yourself, in a terminal that no agent opened" },
  );
}

function ownMarkIn(env: Samocode["env"]): string | undefined {
  return MARKER_VARIABLE in env ? MARKER_VARIABLE : undefined;
}

/**
 * What the agent calls its own. It is asked of the topmost of its processes: those below could have set anything. One
 * that has lost its parents could have, too.
 */
function foldersOf({ pid, parent, env }: Ancestor): readonly string[] {
  if (parent === 1) return [];
  const temporary = realPathOr(env["TMPDIR"] || "/tmp");
  const isTooWide = temporary === "/" || isInside(temporary, realPathOr(homeFolder(env)));
  return [...(isTooWide ? [] : [temporary]), ...(MARKER_VARIABLE in env ? worktreeOf(pid) : [])];
}

/** The folder that an attempt's agent was started in, where that is a worktree of its own. */
function worktreeOf(pid: number): readonly string[] {
  return unlessFailing(() => {
    const folder = Deno.readLinkSync(`/proc/${pid}/cwd`);
    return lstatIfExists(`${folder}/.git`)?.isFile ? [folder] : [];
  }) ?? [];
}
