/**
 * The event listener that exports a run to an OpenTelemetry collector. It never delays a run, except its end, by a few
 * seconds at most.
 *
 * @module
 */
import type { EventListener } from "../event_listeners/fan_out.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { nameOf } from "./attempt_facts.ts";
import type { Fact } from "./fact.ts";
import type { ExporterOptions, Exporters } from "./exporters.ts";
import { type AgentOf, SessionFacts } from "./session_facts.ts";

/** Options of the listener. */
export interface TelemetryOptions extends ExporterOptions {
  readonly agentOf: AgentOf;
  /** The name of the project's folder. */
  readonly project: string;
  /** How long the end of a run may wait for a slow or dead collector. */
  readonly closeWithinMs?: number;
}

/** The listener. */
export interface TelemetryListener extends EventListener {
  /** Takes an event from before this run. */
  readonly recall: (event: RecordedEvent) => void;
}

/** How many facts are kept while the SDK loads; the rest is dropped in case it never does. */
const MAX_EARLY = 1_000;

/** Makes the listener. */
export function telemetryListener(
  { agentOf, project, closeWithinMs = 3_000, resource, ...options }: TelemetryOptions,
): TelemetryListener {
  const facts = new SessionFacts(agentOf);
  const early: Fact[] = [];
  let exporters: Exporters | undefined;
  let opened: Promise<Exporters> | undefined;
  let closed: Promise<void> | undefined;
  // Concurrent runs must not share a series of cumulative metrics.
  const source = { "service.version": options.version, "service.instance.id": crypto.randomUUID() };
  const open = async (): Promise<Exporters> => {
    const { openExporters } = await import("./exporters.ts");
    exporters = openExporters({
      ...options,
      resource: { ...source, "samocode.project": nameOf(project) ?? "", ...resource },
    });
    for (const fact of early.splice(0)) exporters.tell(fact);
    return exporters;
  };
  const close = async (): Promise<void> => {
    const trouble = await (await opened)?.close(closeWithinMs) ?? "";
    if (trouble !== "") throw new Error(`Cannot send all telemetry: ${trouble}`);
  };
  return {
    name: "telemetry",
    recall: (event) => void facts.next(event),
    hear(event): Promise<void> | undefined {
      const news = facts.next(event);
      if (opened === undefined) {
        // Not awaited, so that the run does not wait for it.
        opened = open();
        opened.catch(() => {});
      }
      for (const fact of news) {
        if (exporters !== undefined) exporters.tell(fact);
        else if (early.length < MAX_EARLY) early.push(fact);
      }
      // While the other listeners can still hear of a failure.
      return event.type === "session.stopped" ? closed ??= close() : undefined;
    },
    close: () => closed ??= close(),
  };
}
