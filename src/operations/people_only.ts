/**
 * Keeps agents from a person's acts: an agent with a shell can type `samocode approve`, or start an MCP server and
 * speak to it. Whoever clears its environment and leaves its parents is not found; see docs/security.md.
 *
 * @module
 */
import { dirname } from "node:path";
import { agentMarkAbove, agentMarkIn, commandMarkIn, isAgentProgram } from "../settings/agent_environment.ts";
import { copiesIn } from "../session/elsewhere.ts";
import { homeFolder } from "../system/user_folders.ts";
import { isInside, lstatIfExists, realPathOr } from "../system/files/files.ts";
import { MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import { type Ancestor, ancestorsOf, sharesStreams } from "../system/processes/process_table.ts";
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
  // Where the sessions of the fleet are, no agent is on its own.
  const beyond = copiesIn(sessions) === undefined ? [] : ["/"];
  return [dirname(projectFile), mainRepo, worktrees, sessions, ...beyond];
}

/**
 * Refuses what a person's agent may do for them, but no agent of a session: it would work where nobody sent it, and
 * with limits of its own.
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
  const markIn = isForParents ? ownMarkIn : agentMarkIn;
  // An agent's command may take the place of its shell: then only the agent itself is left above it.
  const marks = chainFrom(env).flatMap((each) =>
    markOf(each, markIn, { isAgent: !isForParents && isAgentProgram(each.name) })
  );
  refuse(marks, { places, what: `Cannot ${verb}: only a person may, and an agent started this` }, {
    hint: "Type the command yourself, in a terminal that no agent opened",
  });
}

/** Whether nothing above this process is an agent. */
export function isPersons(samocode: Pick<Samocode, "settings" | "env">): boolean {
  return isPersonsAt(samocode.env, placesOf(samocode));
}

/** The same for an act that concerns other folders than a project's. */
export function isPersonsAt(env: Samocode["env"], places: readonly string[]): boolean {
  return unlessFailing(() => {
    refuseAgents({ verb: "act", env, places });
    return true;
  }) ?? false;
}

/**
 * Refuses a person's decision that comes through an MCP server which no person's client started. A client marks what it
 * starts: its server and the launchers in between, which pass on its streams. A program that an agent runs has streams
 * of its own, and marks of its own or above it.
 *
 * @throws {SamocodeError} Where the client is not a person's.
 */
export function refuseAgentsServers(samocode: Pick<Samocode, "settings" | "env">, verb: string): void {
  const what = `Cannot ${verb}: only a person may, and an agent started this MCP server or its client`;
  refuse(marksOfServer(samocode.env), { places: placesOf(samocode), what }, {
    hint: "They can do it on the command line, in a terminal that no agent opened",
  });
}

/** Whether this process is an MCP server that a person's client started, for an act that concerns these folders. */
export function isPersonsServerAt(env: Samocode["env"], places: readonly string[]): boolean {
  return unlessFailing(() => {
    refuse(marksOfServer(env), { places, what: "Cannot act" }, { hint: "" });
    return true;
  }) ?? false;
}

function marksOfServer(env: Samocode["env"]): readonly Marked[] {
  const chain = chainFrom(env);
  const client = chain.findIndex(({ pid }) => pid !== Deno.pid && !sharesStreams(pid, Deno.pid));
  const { pid: clientPid, name = "" } = chain[client] ?? {};
  // An agent starts processes of its own name, and a script of that name may have started it; its commands are others.
  const isAgents = (above: Ancestor): boolean =>
    clientPid !== undefined && !isAgentProgram(name) && isAgentProgram(above.name) &&
    !sharesStreams(above.pid, clientPid);
  return chain.flatMap((each, index) =>
    client === -1 || index < client
      ? markOf(each, commandMarkIn)
      : markOf(each, agentMarkAbove, { isAgent: isAgents(each) })
  );
}

/** This process and those above it, nearest first. */
function chainFrom(env: Samocode["env"]): readonly Ancestor[] {
  return [{ pid: Deno.pid, parent: 0, env, name: "" }, ...ancestorsOf(Deno.pid)];
}

/** A process that an agent started, and what tells so. */
interface Marked extends Ancestor {
  readonly mark: string;
}

function markOf(
  each: Ancestor,
  markIn: (env: Ancestor["env"]) => string | undefined,
  { isAgent = false }: { readonly isAgent?: boolean } = {},
): readonly Marked[] {
  const variable = markIn(each.env);
  if (variable !== undefined) return [{ ...each, mark: `${variable} is set` }];
  return isAgent ? [{ ...each, mark: `it runs below ${each.name}` }] : [];
}

function refuse(
  marks: readonly Marked[],
  { places, what }: Pick<PeopleOnly, "places"> & { readonly what: string },
  { hint }: { readonly hint: string },
): void {
  const [nearest, top] = [marks[0], marks.at(-1)];
  if (nearest === undefined || top === undefined) return;
  const own = foldersOf(top);
  if (own.some((folder) => places.every((place) => isInside(folder, realPathOr(place))))) return;
  throw new SamocodeError("usage", `${what} (${nearest.mark})`, { hint });
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
