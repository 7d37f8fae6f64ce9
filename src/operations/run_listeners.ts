/**
 * What hears a run's events: the terminal, the log files, telemetry.
 *
 * @module
 */
import { basename } from "node:path";
import type { Agent } from "../agents/agent.ts";
import { AGENTS, isAgentName } from "../agents/agents.ts";
import { consoleListener, type ConsoleOptions } from "../console/console.ts";
import type { EventListener } from "../event_listeners/fan_out.ts";
import { logFileListener, signalHistoryListener } from "../event_listeners/log_file.ts";
import type { Layout } from "../session/layout.ts";
import type { TelemetryListener } from "../telemetry/listener.ts";
import type { Samocode } from "./samocode.ts";

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

/** Loads what sends telemetry; `undefined`, with nothing loaded, where none is wanted. */
export async function openTelemetry({ settings, env, version }: Samocode): Promise<TelemetryListener | undefined> {
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
