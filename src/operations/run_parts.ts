/**
 * What a run is put together from: the agents, the listeners and the loop's context.
 *
 * @module
 */
import type { Agent, AgentRows, CreateClient } from "../agents/agent.ts";
import { AGENT_NAMES, type AgentName, AGENTS, isAgentName } from "../agents/agents.ts";
import { agentRunner, type CliOptions } from "../agents/engine.ts";
import { consoleListener, type ConsoleOptions } from "../console/console.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { chooseGuard, type Guard } from "../guard/guard.ts";
import type { Listener } from "../listeners/listener.ts";
import { logFileListener, signalHistoryListener } from "../listeners/log_file.ts";
import type { LoopContext, PhaseAgent } from "../loop/loop_context.ts";
import type { Notifier } from "../notifiers/notifier.ts";
import { NOTIFIER_NAMES, NOTIFIERS } from "../notifiers/notifiers.ts";
import { readPlugin } from "../prompt/plugin_files.ts";
import type { Layout } from "../session/layout.ts";
import { agentEnvironment } from "../settings/agent_environment.ts";
import { guardSettings } from "../settings/guard_settings.ts";
import type { Settings } from "../settings/settings.ts";
import { isAgentPhase, type Phase } from "../workflow/phases.ts";
import { strangeFiles } from "./repository_trust.ts";
import type { Samocode } from "./samocode.ts";

/** Makes the loop's context. `abort` fires with a text as its reason. */
export async function loopContext(samocode: Samocode, abort: AbortSignal): Promise<LoopContext> {
  const { settings, version, shippedRoot, cacheFolder, now } = samocode;
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
    policy: settings,
    maxCostUsd: settings.maxCostUsd,
    abort,
    now,
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
    const options = { name: provider, env: scrubbed, timeoutMs, stallMs, ...guarded(guard, provider) };
    const strangeSettings = (workplace: string) => strangeFiles(samocode, { agents: [provider], workplace });
    return { runner: agentRunner(client, options), model: model || undefined, timeoutMs, strangeSettings };
  };
}

function guarded(guard: Guard, name: AgentName): Pick<CliOptions, "guard"> {
  const { home }: Agent = AGENTS[name];
  return guard.record.kind === "none" ? {} : { guard: { guard, home } };
}

/** What listeners are made of. */
export interface ListenerContext extends Pick<ConsoleOptions, "sessionName" | "nextSteps" | "before"> {
  readonly paths: Pick<Layout, "sessionLog" | "signalHistory">;
  /** `undefined` in the background. */
  readonly terminal: Pick<ConsoleOptions, "output" | "columns" | "isTerminal" | "color"> | undefined;
  /** Only the notifiers that are set up. */
  readonly notifiers: Partial<Settings["notifiers"]>;
}

/** Makes every listener that is set up. */
export async function createListeners(
  { terminal, paths, notifiers, ...about }: ListenerContext,
): Promise<readonly Listener[]> {
  const { sessionName } = about;
  const listeners = [
    ...(terminal === undefined ? [] : [consoleListener({ ...terminal, ...about })]),
    logFileListener({ path: paths.sessionLog }),
    signalHistoryListener({ path: paths.signalHistory }),
  ];
  for (const name of NOTIFIER_NAMES) {
    const notifier: Notifier = NOTIFIERS[name];
    const settings = notifiers[name];
    if (settings !== undefined) listeners.push((await notifier.listener())(settings, { sessionName }));
  }
  return listeners;
}
