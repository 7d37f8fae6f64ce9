/**
 * The environments of agents, detached workers and other programs: the user's own, without other sessions' variables
 * and without secrets that are not theirs.
 *
 * @module
 */
import { AGENT_NAMES, type AgentName, AGENTS } from "../agents/agents.ts";
import type { SettingRows } from "../contract/setting_row.ts";
import { CHANNELS } from "../channels/channels.ts";
import { MARKER_VARIABLE } from "../system/processes/end_processes.ts";
import type { Settings } from "./settings.ts";
import { SETTING_NAMES, SETTINGS } from "./settings_table.ts";

type Environment = Readonly<Record<string, string>>;

const PARENT_SESSION = Object.values(AGENTS).flatMap(({ parentSession }) => parentSession);

const KEYS = Object.values(AGENTS).flatMap(({ keys }): readonly string[] => keys);

/** Set by git hooks and wrappers (`git rev-parse --local-env-vars`); they would point git at another repository. */
const GIT =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|QUARANTINE_PATH|COMMON_DIR|NAMESPACE|CONFIG|CONFIG_PARAMETERS|IMPLICIT_WORK_TREE|GRAFT_FILE|NO_REPLACE_OBJECTS|REPLACE_REF_BASE|SHALLOW_FILE|INTERNAL_SUPER_PREFIX)$/;

/** The names of all settings of channels. */
export const CHANNEL_SETTINGS: ReadonlySet<string> = new Set(namesOf(Object.values(CHANNELS)));

/** samocode's own variables, and any that start like a channel's settings. */
const OWN = [...new Set(["SAMOCODE_", ...CHANNEL_SETTINGS].map((name) => name.slice(0, name.indexOf("_") + 1)))];
const SECRETS = [
  ...[...SETTINGS.values()].filter(({ kind }) => kind === "secret").map(({ name }) => name),
  // For a signal that nothing is sent of here; whoever can read it could write into the person's records all the same.
  "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
];

/** The programs that mark what they start, and not themselves. */
const PROGRAMS = new Set<string>(AGENT_NAMES.filter((name) => AGENTS[name].parentSession.length > 0));

const OF_COMMANDS = Object.values(AGENTS).flatMap(({ ofCommands }): readonly RegExp[] => ofCommands);

/** What an editor leaves in its person's terminal, too, or a person sets for themselves. */
const IN_TERMINALS = /^(?:MCP_|CLAUDE_ENV_FILE$|CLAUDE_CODE_(?:SSE_PORT|TASK_LIST_ID|SESSIONEND_HOOKS_TIMEOUT_MS)$)/;

/** What clients have themselves: from the editor that shows their dialogs, or from their launcher. */
const IN_CLIENTS = /^(?:CLAUDE_CODE_ENTRYPOINT$|CLAUDE_AGENT_SDK_VERSION$|CODEX_MANAGED)/;

/** The variable that tells an environment to be that of something an agent started, if there is one. */
export function agentMarkIn(env: Environment): string | undefined {
  return Object.keys(env).find((name) =>
    name === MARKER_VARIABLE ||
    (!IN_TERMINALS.test(name) && !SETTING_NAMES.has(name) && PARENT_SESSION.some((pattern) => pattern.test(name)))
  );
}

/** Whether a process calls itself by the name of an agent's program. Nothing below it can change that. */
export function isAgentProgram(name: string): boolean {
  return PROGRAMS.has(name);
}

/** The same for a client that serves a person, and for what started it. */
export function agentMarkAbove(env: Environment): string | undefined {
  return agentMarkIn(Object.fromEntries(Object.entries(env).filter(([name]) => !IN_CLIENTS.test(name))));
}

/** The same for a client's MCP server: the variable that only a command of an agent has. */
export function commandMarkIn(env: Environment): string | undefined {
  return Object.keys(env).find((name) => name === MARKER_VARIABLE || OF_COMMANDS.some((pattern) => pattern.test(name)));
}

/**
 * Removes the variables of samocode and of channels, and all secret settings except the agent's own.
 *
 * @param agent Without one, all secret settings are removed.
 */
export function agentEnvironment(env: Environment, agent?: AgentName): Environment {
  const own = new Set(agent === undefined ? [] : namesOf([AGENTS[agent]]));
  const dropped = new Set([...CHANNEL_SETTINGS, ...SECRETS.filter((name) => !own.has(name))]);
  const patterns = [...PARENT_SESSION, GIT];
  return Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      !dropped.has(name) && !OWN.some((start) => name.startsWith(start)) &&
      !patterns.some((pattern) => pattern.test(name))
    ),
  );
}

/**
 * What every other program gets that this one starts: git and its helpers, clients that are asked for their version.
 */
export function childEnvironment(env: Environment): Environment {
  const dropped = new Set([...CHANNEL_SETTINGS, ...SECRETS, ...KEYS]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !dropped.has(name) && !GIT.test(name)));
}

/** The environment of checks: an agent's, without any agent's keys. */
export function checkEnvironment(env: Environment): Environment {
  return childEnvironment(agentEnvironment(env));
}

/** The environment of a detached worker: an agent's, and the settings. */
export function workerEnvironment(env: Environment, { handedOn }: Pick<Settings, "handedOn">): Environment {
  const settings = Object.entries(env).filter(([name]) => SETTING_NAMES.has(name));
  return { ...agentEnvironment(env), ...Object.fromEntries(settings), ...handedOn };
}

/**
 * The environment of the listener: an agent's, plus the channels' settings and the keys that its workers need. Other
 * settings belong to each session.
 */
export function listenerEnvironment(env: Environment): Environment {
  const all = agentEnvironment(env);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      CHANNEL_SETTINGS.has(name) || SECRETS.includes(name) || (name in all && !SETTING_NAMES.has(name))
    ),
  );
}

function namesOf(owners: readonly { readonly settings: SettingRows }[]): readonly string[] {
  return owners.flatMap(({ settings }) => Object.values(settings).map(({ name }) => name));
}
