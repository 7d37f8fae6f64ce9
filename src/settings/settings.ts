/**
 * The settings as the program works with them.
 *
 * @module
 */
import type { AgentName, AGENTS } from "../agents/agents.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import type { NotifierName, NOTIFIERS } from "../notifiers/notifiers.ts";
import { type AgentPhase, forAgentPhases } from "../workflow/phases.ts";
import type { OWN_SETTINGS } from "./settings_table.ts";

/** Who works in a phase. */
export interface PhaseSettings {
  readonly provider: AgentName;
  /** Empty: the agent's own. */
  readonly model: string;
}

/** The settings, checked and in the units that the program works with. */
export interface Settings extends SettingValues<typeof OWN_SETTINGS> {
  /** The `.samocode` file. */
  readonly projectFile: string;
  /** Whether the provider was named for the whole session; it works in every phase then. */
  readonly isProviderNamed: boolean;
  readonly phases: Readonly<Record<AgentPhase, PhaseSettings>>;
  readonly agents: { readonly [Name in AgentName]: SettingValues<typeof AGENTS[Name]["settings"]> };
  /** `undefined` for a notifier that is not set up. */
  readonly notifiers: {
    readonly [Name in NotifierName]: SettingValues<typeof NOTIFIERS[Name]["settings"]> | undefined;
  };
  /**
   * What a worker elsewhere must have in its environment to read the same: values of flags, and programs whose paths
   * are relative to where the person is.
   */
  readonly handedOn: Readonly<Record<string, string>>;
}

/** The same settings with one provider for the whole session; a model goes with the provider that it was set for. */
export function withProvider(settings: Settings, provider: AgentName): Settings {
  const phases = forAgentPhases((phase) => {
    const set = settings.phases[phase];
    return { provider, model: provider === set.provider ? set.model : "" };
  });
  return { ...settings, provider, isProviderNamed: true, phases };
}

/** Everybody who may have to work, without repetition. */
export function providersOf({ phases, fallback }: Settings): readonly AgentName[] {
  const own = Object.values(phases).map(({ provider }) => provider);
  return [...new Set(fallback === undefined ? own : [...own, fallback])];
}
