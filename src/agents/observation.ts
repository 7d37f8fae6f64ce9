/**
 * What can be read off an agent's output, line by line, and what all of it comes to.
 *
 * @module
 */
import type { CrashCause, IterationEnd } from "../workflow/iteration_end.ts";
import { type AgentEvent, NO_USAGE, type Usage } from "../workflow/session_event.ts";
import type { Exit } from "../system/processes/spawn_child.ts";

/** What one line of an agent's output says. */
export type Observation =
  | AgentEvent
  /** A call of the model, by its id; seen twice it is one call. */
  | { readonly type: "model.called"; readonly id: string }
  /** The agent's own last word on how it went; the last one of a run counts. */
  | {
    readonly type: "verdict";
    readonly ok: boolean;
    readonly cause: CrashCause | "limit";
    readonly detail: string;
    /** Up to now, in sum; model calls are counted from the calls seen where this says none. */
    readonly usage: Usage;
  };

/** What all observations of an attempt come to. A plain value; changed by replacing it. */
export interface Sum {
  /** Whether the agent said that it began; before that only its start can have failed. */
  readonly started: boolean;
  readonly verdict: Extract<Observation, { type: "verdict" }> | undefined;
  readonly calls: number;
  /** The ids of the newest calls. All would be a memory without end, and parts of one call come close together. */
  readonly recentCalls: readonly string[];
  readonly denials: number;
  /** Until when a usage limit holds that refused the agent. */
  readonly limitedUntil: string | undefined;
}

/** Nothing was seen. */
export const NOTHING_SEEN: Sum = {
  started: false,
  verdict: undefined,
  calls: 0,
  recentCalls: [],
  denials: 0,
  limitedUntil: undefined,
};

/** More than sub-agents work at the same time. */
const RECENT_CALLS = 64;

/** Adds an observation. */
export function addObservation(sum: Sum, observation: Observation): Sum {
  switch (observation.type) {
    case "verdict":
      return { ...sum, verdict: observation };
    case "model.called":
      if (sum.recentCalls.includes(observation.id)) return sum;
      return {
        ...sum,
        calls: sum.calls + 1,
        recentCalls: [observation.id, ...sum.recentCalls.slice(0, RECENT_CALLS - 1)],
      };
    case "agent.denied":
      return { ...sum, denials: sum.denials + 1 };
    case "agent.limited":
      return observation.status === "rejected" ? { ...sum, limitedUntil: observation.until } : sum;
    case "agent.started":
      return { ...sum, started: true };
    case "agent.acted":
    case "agent.said":
    case "agent.retried":
    case "agent.model_changed":
      return sum;
  }
}

/** What the attempt used, as far as it told. */
export function usageOf({ verdict, calls }: Sum): Usage {
  const usage = verdict?.usage ?? NO_USAGE;
  return usage.modelCalls > 0 ? usage : { ...usage, modelCalls: calls };
}

/**
 * Judges how an attempt ended that ended by itself. Only a good word of the agent's own counts as finished: Claude Code
 * exits with 0 when it is interrupted, and calls an API error a success.
 *
 * @param stderrTail The end of what it wrote on standard error: start-up failures are explained only there.
 */
export function judge(sum: Sum, exit: Exit, stderrTail: string): IterationEnd {
  const { verdict } = sum;
  if (verdict?.ok) return { kind: "finished" };
  const exitCode = exit.code;
  if (verdict?.cause === "limit") return { kind: "rate-limited", until: sum.limitedUntil, detail: verdict.detail };
  if (verdict !== undefined) return { kind: "crashed", cause: verdict.cause, detail: verdict.detail, exitCode };
  const how = exit.signal !== undefined ? `ended by ${exit.signal}` : `exit code ${exit.code ?? "unknown"}`;
  const said = lastWord(stderrTail);
  const detail = said === "" ? `${how} without a result` : `${how} without a result: ${said}`;
  if (exit.signal !== undefined || exit.code === 0) return { kind: "crashed", cause: "interrupted", detail, exitCode };
  return { kind: "crashed", cause: sum.started || said === "" ? "unknown" : "setup", detail, exitCode };
}

/** The line that names the error, where one does; a hint about --help may stand below it. */
function lastWord(stderrTail: string): string {
  const lines = stderrTail.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.findLast((line) => /^error\b/i.test(line)) ?? lines.at(-1) ?? "";
}

/**
 * Takes the folder away that a path lies in, so that what differs is seen on a narrow terminal: `_overview.md`,
 * `src/auth.ts`.
 *
 * @param folders The session's folder and the agent's; of two that fit, the longer one is taken away.
 */
export function shortPath(path: string, folders: readonly string[]): string {
  const fitting = folders.filter((folder) => path.startsWith(folder) && /^[\\/]./.test(path.slice(folder.length)));
  const longest = Math.max(-1, ...fitting.map(({ length }) => length));
  return path.slice(longest + 1);
}
