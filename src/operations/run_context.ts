/**
 * What the loop gets: settings, the guard, and the agent of each phase.
 *
 * @module
 */
import type { Agent, AgentRows, CreateClient } from "../agents/agent.ts";
import { AGENT_NAMES, type AgentName, AGENTS, isAgentName } from "../agents/agents.ts";
import type { CliOptions } from "../agents/cli_client.ts";
import { agentRunner } from "../agents/engine.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { chooseGuard, type Guard } from "../guard/guard.ts";
import type { LoopContext, PhaseAgent } from "../loop/loop_context.ts";
import { readPlugin } from "../prompt/shipped_files.ts";
import { agentEnvironment, checkEnvironment, childEnvironment } from "../settings/agent_environment.ts";
import { guardSettings, limitsIn } from "../settings/settings.ts";
import { keepAwake } from "../system/processes/keep_awake.ts";
import { whyUnreachable } from "../system/reach.ts";
import { unlessFailing } from "../text/errors.ts";
import { isAgentPhase, type Phase } from "../workflow/phases.ts";
import type { Samocode } from "./samocode.ts";
import { strangeFiles } from "./trust_project.ts";

/** Makes the loop's context. `abort` fires with a text as its reason. */
export async function loopContext(samocode: Samocode, abort: AbortSignal): Promise<LoopContext> {
  const { settings, version, shippedRoot, cacheFolder, now, clock } = samocode;
  const guard = await chooseGuard(guardSettings(settings, samocode));
  return {
    guard: guard.record,
    provider: settings.provider,
    isProviderNamed: settings.isProviderNamed,
    agentFor: await agentForPhase(samocode, guard),
    fallbackProvider: settings.fallback,
    version,
    shippedRoot,
    // Read once per run: it would be most of the work of preparing an iteration.
    plugin: readPlugin(shippedRoot),
    cacheFolder,
    mainRepo: settings.mainRepo,
    worktrees: settings.worktrees,
    branchPrefix: settings.branchPrefix,
    checks: {
      commands: settings.checks,
      timeoutMs: settings.checkTimeoutMs,
      guard,
      env: checkEnvironment(samocode.env),
      ...awake(samocode),
    },
    policy: settings,
    limits: limitsIn(settings),
    stateFolder: samocode.stateFolder,
    takesHandEdits: samocode.isPersons ?? false,
    abort,
    now,
    clock,
    random: Math.random,
  };
}

/**
 * A phase's own agent, or the named one in its place; an unknown name counts as none. A phase's model goes with its own
 * agent: any other uses the model from its own settings.
 */
async function agentForPhase(samocode: Samocode, guard: Guard): Promise<LoopContext["agentFor"]> {
  const { settings, env, self } = samocode;
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
    // An agent without a model setting has no choice of models.
    const model = set.model === undefined ? undefined : asked;
    const { timeoutMs } = set;
    const { stallMs } = settings;
    const client = createClient(model ? { ...set, model } : set, { self });
    const scrubbed = agentEnvironment(env, provider);
    const { endpoint }: Agent = AGENTS[provider];
    const strangeSettings = (workplace: string) => strangeFiles(samocode, { agents: [provider], workplace });
    const service: Pick<PhaseAgent, "whyUnreachable"> = {
      whyUnreachable: async (workplace, abort) => {
        const find = await endpoint?.();
        const trustsRepository = strangeSettings(workplace).length === 0;
        const address = unlessFailing(() => find?.({ env: scrubbed, workplace, trustsRepository }, set));
        return address === undefined ? undefined : await whyUnreachable(address, { abort });
      },
    };
    const options = {
      name: provider,
      env: scrubbed,
      timeoutMs,
      stallMs,
      service,
      ...awake(samocode),
      ...guarded(guard, { provider, env }),
    };
    return { runner: agentRunner(client, options), model: model || undefined, timeoutMs, strangeSettings, ...service };
  };
}

function awake({ settings, env }: Samocode): Pick<CliOptions, "keepAwake"> {
  if (settings.keepAwake === "off") return {};
  return { keepAwake: (pid) => keepAwake(pid, { env: childEnvironment(env) }) };
}

function guarded(
  guard: Guard,
  { provider, env }: { readonly provider: AgentName } & Pick<Samocode, "env">,
): Pick<CliOptions, "guard"> {
  const { home, modelHosts }: Agent = AGENTS[provider];
  const isPlain = guard.record.kind === "none" && guard.tie === undefined;
  return isPlain ? {} : { guard: { guard, home, modelHosts: modelHosts(env) } };
}
