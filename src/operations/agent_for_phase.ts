/**
 * Makes what runs the agent of a phase, as the settings have it.
 *
 * @module
 */
import type { Agent, AgentRows, CreateClient } from "../agents/agent.ts";
import { AGENT_NAMES, AGENTS, isAgentName } from "../agents/agents.ts";
import { agentRunner } from "../agents/engine.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import type { LoopContext, PhaseAgent } from "../loop/loop_context.ts";
import { agentEnvironment } from "../settings/agent_environment.ts";
import { isAgentPhase, type Phase } from "../workflow/phases.ts";
import type { Samocode } from "./samocode.ts";

/**
 * Says who works in a phase: its own agent, or the one of a name in its place; a name that nobody has counts as none. A
 * phase's model goes with its own agent: another one works with the model that is set for it.
 */
export async function agentForPhase(
  { settings, env, self }: Pick<Samocode, "settings" | "env" | "self">,
): Promise<LoopContext["agentFor"]> {
  const clients = new Map<string, CreateClient<AgentRows>>();
  for (const name of AGENT_NAMES) {
    const { client }: Agent = AGENTS[name];
    clients.set(name, await client());
  }
  return (phase: Phase, name = ""): PhaseAgent => {
    const own = isAgentPhase(phase) ? settings.phases[phase] : { provider: settings.provider, model: "" };
    const provider = isAgentName(name) ? name : own.provider;
    const createClient = clients.get(provider);
    if (createClient === undefined) throw new Error(`the agent ${provider} was not loaded`);
    const set: SettingValues<AgentRows> = settings.agents[provider];
    const asked = provider === own.provider && own.model !== "" ? own.model : set.model;
    // An agent without such a setting has no model to choose.
    const model = set.model === undefined ? undefined : asked;
    const { timeoutMs } = set;
    const { stallMs } = settings;
    const client = createClient(model ? { ...set, model } : set, { self });
    const options = { name: provider, env: agentEnvironment(env, provider), timeoutMs, stallMs };
    return { runner: agentRunner(client, options), model: model || undefined, timeoutMs };
  };
}
