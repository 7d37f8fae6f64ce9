/**
 * Describes events for a person, one line each. All text is safe for a terminal.
 *
 * @module
 */
import { plainText } from "../text/terminal_text.ts";
import { formatCost, formatCount, formatDuration, formatTokens } from "../text/format.ts";
import { describeEnd } from "../workflow/iteration_end.ts";
import { GATES, WAITS } from "../workflow/gates.ts";
import type {
  Fallback,
  GuardKind,
  GuardRecord,
  SessionEvent,
  Signal,
  Usage,
  Workplace,
} from "../workflow/session_event.ts";
import { describeOutcome, NEED_WORDS } from "./describe_outcome.ts";

/** Describes an event. `maxText` is the most columns for each text from outside. */
export function describeEvent(event: SessionEvent, { maxText = 400 }: { readonly maxText?: number } = {}): string {
  const plain = (text: string): string => plainText(text, maxText);
  switch (event.type) {
    case "session.created":
      return joined(`Session ${plain(event.name)} created`, plain(event.task || event.dive));
    case "session.prepared":
      return plain(describePlace(event.workplace));
    case "session.started":
      return [
        plain(`samocode ${event.version} works with ${event.provider}`) + ` (process ${event.pid})`,
        ...(event.guard === undefined ? [] : [plain(describeGuard(event.guard))]),
      ].join(" · ");
    case "session.recovered":
      return joined("Recovered", plain(event.detail));
    case "journal.repaired":
      return `Journal repaired: skipped a torn line of ${formatCount(event.bytes, "byte")}`;
    case "phase.entered":
      return `Phase ${event.phase}, after ${event.from}${event.by === "human" ? ": moved there by hand" : ""}`;
    case "iteration.started":
      return describeBeginning(event);
    case "agent.started":
      return plain(describeStart(event));
    case "agent.acted":
      return plain(`${event.tool} ${event.about}`);
    case "agent.said":
      return plain(event.text);
    case "agent.denied":
      return joined(`The agent was denied ${plain(event.tool)}`, plain(event.detail));
    case "agent.retried":
      return joined(describeRetry(event), plain(event.detail));
    case "agent.limited":
      return plain(`Usage limit: ${event.status}${event.until === undefined ? "" : ` until ${event.until}`}`);
    case "agent.model_changed":
      return joined(`The model changed to ${plain(event.model)}`, plain(event.detail));
    case "iteration.ended":
      return [`Iteration ${event.iteration} ${plain(describeEnd(event.end))}`, ...describeEffort(event)].join(" · ");
    case "processes.ended":
      return joined(plain(`Ended leftover processes (${event.pids.join(", ")})`), plain(event.detail));
    case "log.cut":
      return `The agent removed ${formatCount(event.bytes, "byte")} from its own raw log`;
    case "locks.found":
      return plain(`Git is locked by ${event.paths.join(", ")} · left by a killed git; delete it if no git is running`);
    case "settings.left_out":
      return plain(`Agent settings left out: ${event.paths.join(", ")} · not as you trusted them (samocode trust)`);
    case "signal.received":
      return plain(`Signal: ${describeSignal(event.signal)}`);
    case "signal.refused":
      return joined("No usable signal", plain(event.problem));
    case "iteration.retried":
      if (event.fallback !== undefined) return joined(plain(describeFallback(event.fallback)), plain(event.because));
      return joined(
        event.repair ? "Asking the agent for its signal again" : `Retrying in ${formatDuration(event.delayMs)}`,
        plain(event.because),
      );
    case "gate.reached":
      return `Waiting for you: ${WAITS[event.gate].request}` + (event.document ? ` in ${plain(event.document)}` : "");
    case "gate.opened":
      return `${GATES[event.gate].opened} (${plain(event.by)})`;
    case "answers.given":
      return plain(`Answered ${event.ids.join(", ")} (${event.by})`);
    case "plan.rejected":
      return joined(`The plan was sent back (${plain(event.by)})`, plain(event.feedback));
    case "guidance.given":
      return joined(`Guidance for the next iteration (${plain(event.by)})`, plain(event.text));
    case "stop.requested":
      return `Stop requested by ${plain(event.by)}: ${event.now ? "now" : "after this iteration"}`;
    case "listener.failed":
      return joined(`The ${plain(event.listener)} listener failed and was detached`, plain(event.detail));
    case "session.stopped": {
      const { title, text } = describeOutcome(event.outcome, maxText);
      return joined(title, text);
    }
  }
}

function describeBeginning(event: Extract<SessionEvent, { type: "iteration.started" }>): string {
  const { iteration, phase, attempt, provider, model } = event;
  const worker = [provider, model].filter((name) => name !== undefined).join(" ");
  const parts = [`Iteration ${iteration}`, phase, plainText(worker, 80), attempt > 1 ? `attempt ${attempt}` : ""];
  return parts.filter(Boolean).join(" · ");
}

/** Not every agent reports its model or version. */
function describeStart({ model, version }: Extract<SessionEvent, { type: "agent.started" }>): string {
  return joined("Agent ready", [model, version && `version ${version}`].filter(Boolean).join(", "));
}

/** Which provider takes over, and until when. */
export function describeFallback({ provider, instead, until }: Fallback): string {
  return `${provider} takes over from ${instead}${until === undefined ? "" : ` until ${until}`}`;
}

/** Not every agent reports when it retries, or how often. */
function describeRetry({ attempt, of, delayMs }: Extract<SessionEvent, { type: "agent.retried" }>): string {
  const when = delayMs > 0 ? ` in ${formatDuration(delayMs)}` : "";
  return `The agent retries its request${when}${of > 0 ? ` (${attempt} of ${of})` : ""}`;
}

/** What an attempt took: its time, and its cost, tokens and so on if there are any. */
export function describeEffort(
  { durationMs, usage, denials = 0, unrecorded = 0 }: {
    readonly durationMs: number;
    readonly usage: Omit<Usage, "modelCalls">;
    readonly denials?: number;
    readonly unrecorded?: number;
  },
): readonly string[] {
  const tokensIn = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const parts = [formatDuration(durationMs)];
  if (usage.costUsd !== undefined) parts.push(formatCost(usage.costUsd));
  if (tokensIn + usage.outputTokens > 0) {
    parts.push(`${formatTokens(tokensIn)} tokens in, ${formatTokens(usage.outputTokens)} out`);
  }
  if (denials > 0) parts.push(formatCount(denials, "refusal"));
  if (unrecorded > 0) parts.push(`${formatCount(unrecorded, "step")} not shown`);
  return parts;
}

function describeSignal(signal: Signal): string {
  switch (signal.status) {
    case "continue":
      return signal.phase === undefined ? "continue" : `continue with ${signal.phase}`;
    case "waiting":
      return `waiting for you to ${WAITS[signal.for].request}`;
    case "blocked":
      return `blocked, needs ${NEED_WORDS[signal.needs]}: ${signal.reason}`;
    case "done":
      return `done: ${signal.summary}`;
  }
}

function describePlace({ path, branch, base, note }: Workplace): string {
  const where = branch === undefined ? path : `${path} on branch ${branch}`;
  return joined(`Working in ${where}${base === undefined ? "" : `, from ${base}`}`, note);
}

function joined(what: string, detail: string): string {
  return detail === "" ? what : `${what}: ${detail}`;
}

/** Says what guards the agents. */
export function describeGuard({ kind, open, network, note }: GuardRecord): string {
  const why = note === "" ? "" : `: ${note}`;
  const more = [...open.map((name) => `open to ${name}`), ...(network === "off" ? ["no network"] : [])];
  return [`${GUARDS[kind]}${why}`, ...more].join(", ");
}

const GUARDS: Readonly<Record<GuardKind, string>> = {
  bubblewrap: "guarded by bubblewrap",
  seatbelt: "guarded by Seatbelt",
  "pid-namespace": "not guarded, but nothing outlives an iteration",
  none: "not guarded",
};
