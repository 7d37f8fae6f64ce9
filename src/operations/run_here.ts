/**
 * Runs a session in this process until it rests: lock, loop, agents, journal, listeners.
 *
 * @module
 */
import { basename } from "node:path";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import type { Outcome } from "../workflow/run_events.ts";
import { type EventListener, fanOut } from "../event_listeners/fan_out.ts";
import { runSession } from "../loop/run_session.ts";
import { ForgedLineError } from "../session/check_chain.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { createNamed, keepsTask, type NewSession, openOrCreate } from "./start_session.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { checkRepository, strangeFiles } from "./trust_project.ts";
import type { Samocode } from "./samocode.ts";
import type { Agent, AgentRows, CreateClient } from "../agents/agent.ts";
import { AGENT_NAMES, type AgentName, AGENTS, isAgentName } from "../agents/agents.ts";
import type { CliOptions } from "../agents/cli_client.ts";
import { agentRunner } from "../agents/engine.ts";
import { consoleListener, type ConsoleOptions } from "../console/console.ts";
import type { NextSteps } from "../messages/describe_view.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { chooseGuard, type Guard } from "../guard/guard.ts";
import { logFileListener, signalHistoryListener } from "../event_listeners/log_file.ts";
import type { LoopContext, PhaseAgent } from "../loop/loop_context.ts";
import { readPlugin } from "../prompt/shipped_files.ts";
import type { Layout } from "../session/layout.ts";
import { takeTelling } from "../session/roster.ts";
import { agentEnvironment, checkEnvironment, childEnvironment } from "../settings/agent_environment.ts";
import { guardSettings, limitsIn } from "../settings/settings.ts";
import { isAgentPhase, type Phase } from "../workflow/phases.ts";
import { keepAwake } from "../system/processes/keep_awake.ts";
import { whyUnreachable } from "../system/reach.ts";
import { messageOf, SamocodeError, unlessFailing } from "../text/errors.ts";
import type { TelemetryListener } from "../telemetry/listener.ts";
import { startKeeper } from "../system/processes/keeper.ts";
import { isLost, waitsForDay } from "../workflow/supervision.ts";
import { refuseOwnAgents } from "./people_only.ts";
import { ownChannels } from "./own_channels.ts";
import { enlist, standIn } from "./roster.ts";
import { haveHeard } from "./start_listener.ts";
import { tellPerson } from "./tell_person.ts";

/** What to run. The assignment is for a new session; an existing one keeps its own. */
export interface RunRequest extends NewSession {
  /** `undefined` makes a new session, with a name from the task. */
  readonly session: string | undefined;
  /** Receives the session's shortest name. */
  readonly opened?: (session: string) => void;
  /** Fires, with a text as its reason, to end the run at once. */
  readonly abort: AbortSignal;
  readonly terminal: EventListenerContext["terminal"];
  /** What the person can do once the session rests, one line each. */
  readonly nextSteps: (status: Status) => NextSteps;
  /** Receives what the person should know before the run starts. */
  readonly note: (text: string) => void;
  /** For a session that somebody else looks after: no supervisor or listener of this machine is told of it. */
  readonly barrier?: Barrier | undefined;
}

/** Holds a run at its events, until what they tell of is safe elsewhere. */
export interface Barrier {
  /**
   * Called before an event is recorded.
   *
   * @throws {HandOver} If the run is to stop instead, and go on elsewhere.
   */
  before(event: SessionEvent): Promise<void>;
  /** Called once it is recorded, before anybody hears it. */
  after(event: RecordedEvent): Promise<void>;
}

/** A run stops before an event that it would have recorded. */
export class HandOver extends Error {
  override readonly name = "HandOver";
}

/**
 * Runs a session until it is done, waits, is blocked, fails or is stopped.
 *
 * @throws {SamocodeError} If the run cannot start, or its events can no longer be recorded.
 */
export async function runHere(samocode: Samocode, request: RunRequest): Promise<Outcome> {
  checkRepository(samocode);
  refuseOwnAgents(samocode, "run a session");
  for (const warning of samocode.settings.warnings) request.note(`Warning: ${warning}`);
  for (const title of samocode.isPersons ? ownChannels(samocode) : []) {
    request.note(`You can now decide on ${title} with its current settings`);
  }
  const context = await loopContext(samocode, request.abort);
  const telemetry = await openTelemetry(samocode);
  const { folder: opened, created } = request.session === undefined
    ? await createNamed(samocode, request)
    : await openOrCreate(samocode, request.session, { ...request, see: telemetry?.recall });
  using folder = opened;
  request.opened?.(folder.name);
  using _lock = await folder.lock({ now: samocode.now() });
  const isNew = created?.type === "session.created" && created.adopted === undefined;
  if (!isNew && (request.task !== undefined || request.dive !== undefined)) {
    request.note(keepsTask(folder.name));
  }
  const { barrier } = request;
  const { path: entryPath, entry, leave } = (barrier === undefined ? enlist : standIn)(samocode, folder);
  await using _heard = barrier === undefined ? haveHeard(samocode, folder, request.note) : undefined;
  await using keeper = startKeeper(entryPath, { env: samocode.env });
  const listeners = [
    ...createEventListeners({
      sessionName: folder.name,
      paths: folder.layout,
      terminal: request.terminal,
      nextSteps: () => request.nextSteps(statusOf(folder)),
      view: () => statusOf(folder),
      history: () => folder.history,
      before: folder.history,
    }),
    ...(telemetry === undefined ? [] : [telemetry]),
  ];
  const report = (event: SessionEvent) => Promise.resolve(folder.journal.append(event));
  let outcome: Outcome = { kind: "failed", reason: "the loop ended without an outcome" };
  const events = recorded(folder, {
    first: created,
    events: runSession(folder, context),
    // Written before anybody hears of the end, so that whoever does finds it.
    ending: async (event) => {
      const { leaveReport } = await import("./report_session.ts");
      const problem = await leaveReport(samocode, folder, event);
      if (problem !== undefined) request.note(`Cannot write the report: ${problem}`);
    },
    barrier,
  });
  try {
    for await (const event of fanOut(events, listeners, { report })) {
      if (event.type === "iteration.started" || event.type === "check.started") await keeper.cover(event.marker);
      if (event.type === "session.stopped") outcome = event.outcome;
    }
  } catch (error) {
    // Its end cannot be recorded, so no listener will hear of it.
    if (barrier === undefined) {
      await tellPerson(
        samocode,
        { entry, title: `${folder.name}: it cannot go on`, text: inWords(error) },
        request.note,
      );
    }
    throw error;
  }
  if (barrier !== undefined) return outcome;
  // Its listeners told of the wait; a supervisor continues it.
  if (waitsForDay(folder.history)) takeTelling(samocode.stateFolder, entry)?.(true);
  else if (!isLost(folder.history)) leave();
  return outcome;
}

function inWords(error: unknown): string {
  return error instanceof SamocodeError ? `${error.message}. ${error.hint}` : messageOf(error);
}

/** Writes each event to the journal before any listener hears it. */
async function* recorded(
  folder: SessionFolder,
  { first, events, ending, barrier }: {
    readonly first: RecordedEvent | undefined;
    readonly events: AsyncGenerator<SessionEvent>;
    /** Is called before a session is recorded as done. */
    readonly ending: (event: SessionEvent) => Promise<void>;
    readonly barrier: Barrier | undefined;
  },
): AsyncGenerator<RecordedEvent> {
  if (first !== undefined) yield first;
  let handOver: HandOver | undefined;
  try {
    for (let next = await events.next(); !next.done;) {
      // The loop knows of no hand-over: it takes one for a failure.
      const value: SessionEvent = handOver !== undefined && next.value.type === "session.stopped"
        ? { ...next.value, outcome: { kind: "stopped", by: handOver.message } }
        : next.value;
      if (value.type === "session.stopped" && value.outcome.kind === "done") await ending(value);
      let event: RecordedEvent;
      try {
        await barrier?.before(value);
        event = folder.journal.append(value);
        await barrier?.after(event);
      } catch (error) {
        if (error instanceof HandOver) handOver = error;
        else if (!(error instanceof ForgedLineError)) throw error;
        // The loop ends its agent and says why in its last event.
        next = await events.throw(error);
        continue;
      }
      yield event;
      next = await events.next();
    }
  } finally {
    await events.return(undefined);
  }
}

/** Makes the loop's context. `abort` fires with a text as its reason. */
async function loopContext(samocode: Samocode, abort: AbortSignal): Promise<LoopContext> {
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

/** Loads what sends telemetry; `undefined`, with nothing loaded, where none is wanted. */
async function openTelemetry({ settings, env, version }: Samocode): Promise<TelemetryListener | undefined> {
  if (settings.telemetry === undefined) return undefined;
  const { telemetryListener } = await import("../telemetry/listener.ts");
  return telemetryListener({
    ...settings.telemetry,
    project: basename(settings.mainRepo),
    version,
    agentOf: (name) => {
      if (!isAgentName(name)) return undefined;
      const { title, modelProvider }: Agent = AGENTS[name];
      return { title, modelProvider: modelProvider(env) };
    },
  });
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

/** Where a run shows itself. */
export type Terminal = Pick<ConsoleOptions, "output" | "columns" | "rows" | "isTerminal" | "color" | "onResize">;

/** What listeners are made of. */
export interface EventListenerContext
  extends Pick<ConsoleOptions, "sessionName" | "nextSteps" | "view" | "history" | "before"> {
  readonly paths: Pick<Layout, "sessionLog" | "signalHistory">;
  /** `undefined` in the background. */
  readonly terminal: Terminal | undefined;
}

/** Makes the event listeners of a run. */
export function createEventListeners({ terminal, paths, ...about }: EventListenerContext): readonly EventListener[] {
  return [
    ...(terminal === undefined ? [] : [consoleListener({ ...terminal, ...about })]),
    logFileListener({ path: paths.sessionLog }),
    signalHistoryListener({ path: paths.signalHistory }),
  ];
}
