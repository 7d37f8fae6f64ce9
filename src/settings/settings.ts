/**
 * The settings as the program works with them.
 *
 * @module
 */
import { type AgentPhase, forAgentPhases } from "../workflow/phases.ts";
import type { RetryPolicy } from "../workflow/retry.ts";
import { type GateKeeper, isProviderChoice, type ProviderChoice } from "./settings_table.ts";

/** Who works in a phase. */
export interface PhaseSettings {
  readonly provider: string;
  /** Empty: the provider's own. */
  readonly model: string;
}

/** The settings, checked and in the units that the program works with. */
export interface Settings {
  /** The `.samocode` file. */
  readonly projectFile: string;
  readonly mainRepo: string;
  readonly worktrees: string;
  readonly sessions: string;
  /** Who works where nothing else is said. */
  readonly provider: string;
  /** Whether it was named for the whole session; it works in every phase then. */
  readonly isProviderNamed: boolean;
  readonly phases: Readonly<Record<AgentPhase, PhaseSettings>>;
  /** Who stands in for an agent that cannot work; `undefined` where nobody does. */
  readonly fallback: string | undefined;
  readonly policy: RetryPolicy;
  readonly stallMs: number;
  readonly maxCostUsd: number | undefined;
  /** Who opens the gates where a parent agent works for a person. */
  readonly gate: GateKeeper;
  readonly branchPrefix: string;
  readonly demoPace: number;
  readonly claude: {
    readonly binary: string;
    readonly model: string;
    readonly timeoutMs: number;
    readonly maxTurns: number;
    readonly permissionMode: string;
    readonly settingSources: string;
  };
  readonly codex: {
    readonly binary: string;
    readonly model: string;
    readonly timeoutMs: number;
    readonly sandbox: string;
  };
  readonly telegram: { readonly token: string; readonly chatId: string; readonly apiBase: string } | undefined;
}

/** The same settings with one provider for the whole session; a model goes with the provider that it was set for. */
export function withProvider(settings: Settings, provider: string): Settings {
  const phases = forAgentPhases((phase) => {
    const set = settings.phases[phase];
    return { provider, model: provider === set.provider ? set.model : "" };
  });
  return { ...settings, provider, isProviderNamed: true, phases };
}

/** Everybody who may have to work, without repetition. */
export function providersOf({ phases, fallback }: Settings): readonly string[] {
  const own = Object.values(phases).map(({ provider }) => provider);
  return [...new Set(fallback === undefined ? own : [...own, fallback])];
}

/** The longest that one iteration of the chosen provider may take. */
export function iterationTimeoutMs(
  { provider, claude, codex }: Pick<Settings, "provider" | "claude" | "codex">,
): number {
  // The demo has no time of its own.
  const own: Readonly<Record<ProviderChoice, number>> = {
    claude: claude.timeoutMs,
    codex: codex.timeoutMs,
    demo: claude.timeoutMs,
  };
  return isProviderChoice(provider) ? own[provider] : claude.timeoutMs;
}
