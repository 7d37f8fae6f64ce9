/**
 * The table of agents. A new agent is a folder and a row here.
 *
 * @module
 */
import type { SettingRow } from "../contract/setting_row.ts";
import type { Agent, InstallTarget } from "./agent.ts";
import { claude } from "./claude/agent.ts";
import { codex } from "./codex/agent.ts";
import { demo } from "./demo/agent.ts";

/** All agents, by the names that settings and flags use. */
export const AGENTS = { claude, codex, demo } as const satisfies Readonly<Record<string, Agent>>;

/** The name of an agent. */
export type AgentName = keyof typeof AGENTS;

/** All names, in the table's order. */
export const AGENT_NAMES: readonly AgentName[] = Object.keys(AGENTS).filter(isAgentName);

/** The agents that may take over from another. */
export const FALLBACK_NAMES: readonly AgentName[] = AGENT_NAMES.filter((name) => AGENTS[name].canFallBack);

/** Narrows a string to the name of an agent. */
export function isAgentName(name: string): name is AgentName {
  return Object.hasOwn(AGENTS, name);
}

/** Where to install for an agent. */
export function installTarget(name: AgentName): InstallTarget {
  const { install } = AGENTS[name];
  if (install === undefined) throw new Error(`nothing can be installed for ${name}`);
  return install;
}

/** The setting that names an agent's program. */
export function programSetting(name: AgentName): SettingRow & { readonly default: string } {
  const { settings: { binary } }: Agent = AGENTS[name];
  if (binary === undefined) throw new Error(`${name} has no program of its own`);
  return binary;
}
