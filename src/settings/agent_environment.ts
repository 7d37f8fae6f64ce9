/**
 * The environments of agents and detached workers: the person's own, without what would tie them to somebody else's
 * session or hand them secrets that are not theirs.
 *
 * @module
 */
import { type AgentName, AGENTS } from "../agents/agents.ts";
import type { SettingRows } from "../contract/setting_row.ts";
import { NOTIFIERS } from "../notifiers/notifiers.ts";
import type { Settings } from "./settings.ts";
import { SETTING_NAMES, SETTINGS } from "./settings_table.ts";

type Environment = Readonly<Record<string, string>>;

/** What parent agents leave behind. */
const PARENT_SESSION = Object.values(AGENTS).flatMap(({ parentSession }) => parentSession);

/** Left by git hooks and wrappers: they would send the agent's git to another repository. */
const GIT = [
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|QUARANTINE_PATH|COMMON_DIR|NAMESPACE)$/,
];

/** The program's own, and all that looks like a notifier's. */
const OWN = ["samocode", ...Object.keys(NOTIFIERS)].map((name) => new RegExp(`^${name.toUpperCase()}_`));

const NOTIFIER_SETTINGS = new Set(namesOf(Object.values(NOTIFIERS)));
const SECRETS = [...SETTINGS.values()].filter(({ kind }) => kind === "secret").map(({ name }) => name);

/**
 * What an agent gets of an environment: no variable of samocode or of a notifier, no secret setting but its own.
 *
 * @param agent Without one, no secret setting at all.
 */
export function agentEnvironment(env: Environment, agent?: AgentName): Environment {
  const own = new Set(agent === undefined ? [] : namesOf([AGENTS[agent]]));
  const dropped = new Set([...NOTIFIER_SETTINGS, ...SECRETS.filter((name) => !own.has(name))]);
  const patterns = [...PARENT_SESSION, ...GIT, ...OWN];
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !dropped.has(name) && !patterns.some((pattern) => pattern.test(name))),
  );
}

/** What a detached worker gets: as much as an agent, and the settings. */
export function workerEnvironment(env: Environment, { handedOn }: Pick<Settings, "handedOn">): Environment {
  const settings = Object.entries(env).filter(([name]) => SETTING_NAMES.has(name));
  return { ...agentEnvironment(env), ...Object.fromEntries(settings), ...handedOn };
}

function namesOf(owners: readonly { readonly settings: SettingRows }[]): readonly string[] {
  return owners.flatMap(({ settings }) => Object.values(settings).map(({ name }) => name));
}
