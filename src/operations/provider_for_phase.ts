/**
 * Makes the provider that works in a phase, as the settings have it.
 *
 * @module
 */
import type { PhaseProvider } from "../loop/loop_context.ts";
import { isProviderName, type ProviderName, PROVIDERS } from "../agents/registry.ts";
import { iterationTimeoutMs, type Settings } from "../settings/settings.ts";
import { agentEnvironment } from "../agents/agent_environment.ts";
import { isAgentPhase, type Phase } from "../workflow/phases.ts";
import type { Samocode } from "./samocode.ts";

/**
 * Makes the provider of a phase, or the one of that name in its place; a name that nobody has counts as none. A phase's
 * model goes with its own provider: another one works with the model that is set for it.
 */
export function providerForPhase(
  { settings, env, self }: Pick<Samocode, "settings" | "env" | "self">,
  { phase, name = "" }: { readonly phase: Phase; readonly name?: string | undefined },
): PhaseProvider {
  const own = !isAgentPhase(phase) ? { provider: settings.provider, model: "" } : settings.phases[phase];
  const provider = isProviderName(name) ? name : own.provider;
  if (!isProviderName(provider)) throw new Error(`no such provider: ${provider}`);
  const models = modelsFor(settings, provider === own.provider ? { [provider]: own.model } : {});
  const timeoutMs = iterationTimeoutMs({ ...settings, provider });
  return {
    provider: PROVIDERS[provider]({
      self,
      env: agentEnvironment(env),
      timeoutMs,
      stallMs: settings.stallMs,
      demoPace: settings.demoPace,
      claude: { ...settings.claude, model: models.claude },
      codex: { ...settings.codex, model: models.codex },
    }),
    model: models[provider] || undefined,
    timeoutMs,
  };
}

function modelsFor(
  { claude, codex }: Settings,
  asked: Readonly<Partial<Record<ProviderName, string>>>,
): Readonly<Record<ProviderName, string>> {
  return { claude: asked.claude || claude.model, codex: asked.codex || codex.model, demo: "" };
}
