/**
 * What the agent of an iteration said and did, from its raw log, as its client's reader understands it.
 *
 * @module
 */
import type { CliClient } from "../agents/cli_client.ts";
import type { Agent, AgentRows } from "../agents/agent.ts";
import { AGENTS, isAgentName } from "../agents/agents.ts";
import type { Observation } from "../agents/observation.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { rawLogsOf } from "../session/raw_log.ts";
import { isSoleFile } from "../system/files/files.ts";
import { followLines } from "../system/files/follow_lines.ts";
import { SamocodeError } from "../text/errors.ts";
import type { AgentEvent, RecordedEvent } from "../workflow/session_event.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** An attempt, and then what its agent said and did. */
export type AgentLogEntry =
  | {
    readonly kind: "attempt";
    readonly iteration: number;
    readonly attempt: number;
    readonly provider: string;
    /** The raw log; `undefined` if it is gone. */
    readonly path: string | undefined;
  }
  | { readonly kind: "event"; readonly event: AgentEvent };

type Started = Extract<RecordedEvent, { type: "iteration.started" }>;

/**
 * Reads the logs of an iteration's attempts, line by line.
 *
 * @param iteration By default the last one.
 * @throws {SamocodeError} If there is no such session or iteration.
 */
export async function* readAgentLog(
  samocode: Samocode,
  { session, iteration }: { readonly session: string; readonly iteration: number | undefined },
): AsyncGenerator<AgentLogEntry> {
  let attempts: Started[] = [];
  const see = (event: RecordedEvent) => {
    if (event.type !== "iteration.started" || (iteration !== undefined && event.iteration !== iteration)) return;
    attempts = event.iteration === attempts[0]?.iteration ? [...attempts, event] : [event];
  };
  using folder = openSession(samocode, session, { readOnly: true, see });
  if (attempts.length === 0) {
    throw noIteration(folder.name, { iteration, last: folder.history.attempt?.iteration ?? 0 });
  }
  for (const { iteration, attempt, log, provider = folder.history.provider ?? "" } of attempts) {
    const [path] = rawLogsOf(folder.layout, log);
    const isThere = isSoleFile(path);
    yield { kind: "attempt", iteration, attempt, provider, path: isThere ? path : undefined };
    const client = isThere ? await clientOf(samocode, provider) : undefined;
    if (client !== undefined) yield* eventsIn(path, client);
  }
}

function noIteration(
  session: string,
  { iteration, last }: { readonly iteration: number | undefined; readonly last: number },
): SamocodeError {
  const what = iteration === undefined ? "no agent was started yet" : `it has no iteration ${iteration}`;
  return new SamocodeError("usage", `Cannot show what the agent of ${session} said: ${what}`, {
    hint: last === 0 ? "Watch it" : `Its last iteration is ${last}`,
    actions: last === 0 ? [{ verb: "wait", session }] : [],
  });
}

async function clientOf({ settings, self }: Samocode, provider: string): Promise<CliClient | undefined> {
  if (!isAgentName(provider)) return undefined;
  const { client }: Agent = AGENTS[provider];
  const set: SettingValues<AgentRows> = settings.agents[provider];
  return (await client())(set, { self });
}

async function* eventsIn(path: string, client: CliClient): AsyncGenerator<AgentLogEntry> {
  const { mayMatter } = client;
  for await (const lines of followLines(path, { ended: Promise.resolve(), ...(mayMatter && { mayMatter }) })) {
    for (const line of lines) {
      for (const event of client.readLine(line)) if (isAgentEvent(event)) yield { kind: "event", event };
    }
  }
}

function isAgentEvent(observation: Observation): observation is AgentEvent {
  return observation.type.startsWith("agent.");
}
