/**
 * The settings as the program and its guard use them.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { Agent } from "../agents/agent.ts";
import { type AgentName, AGENTS } from "../agents/agents.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import type { ChannelName, CHANNELS } from "../channels/channels.ts";
import type { Limits } from "../workflow/budget.ts";
import { type AgentPhase, forAgentPhases } from "../workflow/phases.ts";
import type { OWN_SETTINGS } from "./settings_table.ts";
import type { TelemetrySettings } from "../telemetry/settings.ts";
import type { GuardSettings } from "../guard/guard.ts";
import { configFolder, stateFolder } from "../system/user_folders.ts";

/** Which agent works in a phase. */
export interface PhaseSettings {
  readonly provider: AgentName;
  /** Empty for the agent's own setting. */
  readonly model: string;
}

/** Checked settings. */
export interface Settings extends SettingValues<typeof OWN_SETTINGS> {
  /** The `.samocode` file. */
  readonly projectFile: string;
  /** Whether `--provider` or a parent chose the provider for every phase. */
  readonly isProviderNamed: boolean;
  readonly phases: Readonly<Record<AgentPhase, PhaseSettings>>;
  readonly agents: { readonly [Name in AgentName]: SettingValues<typeof AGENTS[Name]["settings"]> };
  /** `undefined` for a channel that is not configured. */
  readonly channels: {
    readonly [Name in ChannelName]: SettingValues<typeof CHANNELS[Name]["settings"]> | undefined;
  };
  /** `undefined` if nothing is sent. */
  readonly telemetry: TelemetrySettings | undefined;
  /** What is wrong with them that holds up nobody's work. */
  readonly warnings: readonly string[];
  /** What a worker in another folder needs in its environment to read the same: values of flags, programs' paths. */
  readonly handedOn: Readonly<Record<string, string>>;
}

/** The same settings with one provider for every phase. A model is kept only with the provider it was set for. */
export function withProvider(settings: Settings, provider: AgentName): Settings {
  const phases = forAgentPhases((phase) => {
    const set = settings.phases[phase];
    return { provider, model: provider === set.provider ? set.model : "" };
  });
  return { ...settings, provider, isProviderNamed: true, phases };
}

/** All agents that a session may need, the fallback included. */
export function providersOf({ phases, fallback }: Pick<Settings, "phases" | "fallback">): readonly AgentName[] {
  const own = Object.values(phases).map(({ provider }) => provider);
  return [...new Set(fallback === undefined ? own : [...own, fallback])];
}

/** The guard's share of the settings. */
export function guardSettings(
  settings: Settings,
  { env, cacheFolder, self }: Pick<GuardSettings, "env" | "cacheFolder" | "self">,
): GuardSettings {
  const { mainRepo, worktrees, sessions, projectFile, guard, guardWritable, guardAllow, guardNetwork } = settings;
  return {
    mode: guard,
    writable: guardWritable,
    allow: guardAllow,
    network: guardNetwork,
    modelHosts: () =>
      providersOf(settings).map((name) => {
        const { title, modelHosts }: Agent = AGENTS[name];
        return { title, ...modelHosts(env) };
      }),
    mainRepo,
    worktrees,
    sessions,
    cacheFolder,
    secrets: [dirname(projectFile), configFolder(env)].map((folder) => join(folder, ".env")),
    stateFolder: stateFolder(env),
    self,
    env,
  };
}

/** The limits of the budget. */
export function limitsIn(settings: Settings): Limits {
  return {
    session: {
      cost: settings.maxCostUsd,
      tokens: settings.maxTokens,
      starts: settings.maxStarts,
      time: settings.maxTimeMs,
    },
    day: {
      cost: settings.maxCostUsdPerDay,
      tokens: settings.maxTokensPerDay,
      starts: settings.maxStartsPerDay,
      time: settings.maxTimeMsPerDay,
    },
  };
}
