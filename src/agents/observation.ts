/**
 * What an agent's output says, line by line and in total.
 *
 * @module
 */
import type { CrashCause, IterationEnd } from "../workflow/iteration_end.ts";
import type { AgentEvent } from "../workflow/session_event.ts";
import { NO_USAGE, type Usage } from "../workflow/usage.ts";
import { callPrice, isListed, listPrice, type Tokens } from "./prices.ts";
import type { Exit } from "../system/processes/spawn_child.ts";

/** What one line of an agent's output says. */
export type Observation =
  | AgentEvent
  /** The client cannot reach its service, and never gives up by itself. */
  | { readonly type: "unreachable"; readonly detail: string }
  /** What a model call used so far; of the same id the most counts. Without a model, it is the one told before. */
  | {
    readonly type: "tokens.used";
    readonly id: string;
    readonly model: string;
    readonly tokens: Tokens;
    /** Whether that is all, since the call was answered. */
    readonly isWhole: boolean;
  }
  /** The client asks its model: no tool is running any more. */
  | { readonly type: "model.asked" }
  /** One of its tools has answered. */
  | { readonly type: "tool.ended" }
  /** A model call; the same id counts once. */
  | { readonly type: "model.called"; readonly id: string }
  /** The agent runs a command. */
  | { readonly type: "command.ran"; readonly id: string; readonly command: string }
  /** The command with this id failed. */
  | { readonly type: "command.failed"; readonly id: string }
  /** The agent's own result; the last one of a run counts. */
  | {
    readonly type: "verdict";
    readonly ok: boolean;
    /** `budget`: it ended itself at the limit that samocode gave it. */
    readonly cause: CrashCause | "limit" | "budget";
    readonly detail: string;
    /** Totals of the run; without model calls, those seen are counted. */
    readonly usage: Usage;
  };

/** Tells an event of the session from what only the sum needs. */
export function isAgentEvent(observation: Observation): observation is AgentEvent {
  return observation.type.startsWith("agent.");
}

/** The observations of an attempt, added up. */
export interface Sum {
  /** Whether the agent reported its start; otherwise the setup must have failed. */
  readonly started: boolean;
  readonly verdict: Extract<Observation, { type: "verdict" }> | undefined;
  readonly calls: number;
  /** The newest ids only, to limit memory; events of one call come close together. */
  readonly recentCalls: readonly string[];
  /** What those calls used whose tokens were told. */
  readonly used: Used;
  /** The newest only. */
  readonly recentUses: readonly (Used & { readonly id: string; readonly model: string })[];
  /** The model, as far as the agent told it. */
  readonly model: string;
  /** How many tools are running. */
  readonly running: number;
  readonly denials: number;
  /** The newest only. */
  readonly commands: readonly { readonly id: string; readonly command: string }[];
  /** The commands that failed when they last ran. */
  readonly failed: readonly string[];
  /** When the usage limit that rejected the agent ends. */
  readonly limitedUntil: string | undefined;
}

/** Tokens, and their list price in dollars. */
type Used = Tokens & { readonly usd: number };

const UNUSED: Used = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0 };

/** No observation yet. */
export const NOTHING_SEEN: Sum = {
  started: false,
  verdict: undefined,
  calls: 0,
  recentCalls: [],
  used: UNUSED,
  recentUses: [],
  model: "",
  running: 0,
  denials: 0,
  commands: [],
  failed: [],
  limitedUntil: undefined,
};

/** More than the number of sub-agents at work at once. */
const RECENT_CALLS = 64;

/** More than an agent tries in vain. */
const MAX_FAILED = 20;

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
    case "tokens.used":
      return addUse(sum, observation);
    case "command.ran": {
      const { id, command } = observation;
      return {
        ...sum,
        commands: [{ id, command }, ...sum.commands.slice(0, RECENT_CALLS - 1)],
        failed: sum.failed.filter((each) => each !== command),
      };
    }
    case "command.failed": {
      const found = sum.commands.find(({ id }) => id === observation.id);
      const newest = sum.commands.find(({ command }) => command === found?.command);
      if (found === undefined || found !== newest || sum.failed.includes(found.command)) return sum;
      return { ...sum, failed: [...sum.failed, found.command].slice(-MAX_FAILED) };
    }
    case "agent.denied":
      return { ...sum, denials: sum.denials + 1 };
    case "agent.limited":
      return observation.status === "rejected" ? { ...sum, limitedUntil: observation.until } : sum;
    case "agent.started":
      return { ...sum, started: true, model: observation.model || sum.model };
    case "agent.acted":
      return { ...sum, running: sum.running + 1 };
    case "tool.ended":
      return { ...sum, running: Math.max(0, sum.running - 1) };
    case "model.asked":
      return sum.running === 0 ? sum : { ...sum, running: 0 };
    case "unreachable":
    case "agent.used":
    case "agent.resumed":
    case "agent.said":
    case "agent.retried":
    case "agent.model_changed":
      return sum;
  }
}

function addUse(sum: Sum, { id, model: named, tokens }: Extract<Observation, { type: "tokens.used" }>): Sum {
  const before = sum.recentUses.find((each) => each.id === id);
  const model = named || before?.model || sum.model;
  const most = mapTokens((name) => Math.max(tokens[name], before?.[name] ?? 0));
  if (before !== undefined && totalOf(most) === totalOf(before)) return sum;
  const now = { ...most, usd: callPrice(model, most) };
  const added = mapTokens((name) => sum.used[name] + now[name] - (before?.[name] ?? 0));
  return {
    ...sum,
    model,
    used: { ...added, usd: sum.used.usd + now.usd - (before?.usd ?? 0) },
    recentUses: [
      { ...now, id, model },
      ...sum.recentUses.filter((each) => each.id !== id).slice(0, RECENT_CALLS - 1),
    ],
  };
}

function mapTokens(amount: (name: keyof Tokens) => number): Tokens {
  return {
    inputTokens: amount("inputTokens"),
    outputTokens: amount("outputTokens"),
    cacheReadTokens: amount("cacheReadTokens"),
    cacheWriteTokens: amount("cacheWriteTokens"),
  };
}

function totalOf({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Tokens): number {
  return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
}

/** Less is rounding. */
const SMALL_USD = 0.01;

/**
 * What the attempt used: what the agent reported, or more if its calls used more. What it reported no cost of is counted
 * by list price.
 *
 * @param options `isCutShort` if it was ended in the middle: a call that was under way counts as much as the largest.
 */
export function usageOf(
  { verdict, calls, used, recentUses, model }: Sum,
  { isCutShort = false }: { readonly isCutShort?: boolean } = {},
): Usage {
  const told = verdict?.usage ?? NO_USAGE;
  const largest = recentUses.reduce<Used>((most, each) => each.usd > most.usd ? each : most, UNUSED);
  const underWay = isCutShort && verdict === undefined ? largest : UNUSED;
  const seen = mapTokens((name) => used[name] + underWay[name]);
  const usd = used.usd + underWay.usd;
  const listUsd = Math.max(usd, told.costUsd === undefined ? listPrice(model, told) : 0);
  // Claude Code knows the price of models that the table does not.
  const missedUsd = told.costUsd === undefined ? listUsd : isListed(model) ? listUsd - told.costUsd : 0;
  const isMissed = told.costUsd === undefined ? missedUsd > 0 : missedUsd > SMALL_USD;
  return {
    ...told,
    ...(totalOf(seen) > totalOf(told) ? seen : {}),
    modelCalls: told.modelCalls > 0 ? told.modelCalls : calls,
    ...(isMissed && { estimatedUsd: missedUsd }),
  };
}

/**
 * Judges an attempt that ended by itself. Only a successful verdict counts as finished, not exit code 0: Claude Code
 * exits with 0 when it is interrupted.
 *
 * @param stderrTail The end of stderr, the only place that explains a failed start.
 */
export function judge(sum: Sum, exit: Exit, stderrTail: string): IterationEnd {
  const { verdict } = sum;
  if (verdict?.ok) return { kind: "finished" };
  const { code: exitCode, signal } = exit;
  if (verdict?.cause === "limit") return { kind: "rate-limited", until: sum.limitedUntil, detail: verdict.detail };
  if (verdict?.cause === "budget") return { kind: "over-budget", detail: verdict.detail };
  if (verdict !== undefined) return { kind: "crashed", cause: verdict.cause, detail: verdict.detail, exitCode };
  const how = signal !== undefined ? `ended by ${signal}` : `exit code ${exitCode ?? "unknown"}`;
  const said = errorLineIn(stderrTail);
  const detail = said === "" ? `${how} without a result` : `${how} without a result: ${said}`;
  if (signal !== undefined || exitCode === 0) return { kind: "crashed", cause: "interrupted", detail, exitCode };
  return { kind: "crashed", cause: sum.started || said === "" ? "unknown" : "setup", detail, exitCode };
}

/** What Codex is asked to note about its calls. */
const NO_ERROR = / INFO codex_otel/;

/** The line that names the error, else the last one: clients may print a hint about --help below the error. */
function errorLineIn(stderrTail: string): string {
  const lines = stderrTail.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !NO_ERROR.test(line));
  return lines.findLast((line) => /^error\b/i.test(line)) ?? lines.at(-1) ?? "";
}

/** Shortens a path for a narrow terminal by the longest of the folders that contains it: `src/auth.ts`. */
export function shortPath(path: string, folders: readonly string[]): string {
  const fitting = folders.filter((folder) => path.startsWith(folder) && /^[\\/]./.test(path.slice(folder.length)));
  const longest = Math.max(-1, ...fitting.map(({ length }) => length));
  return path.slice(longest + 1);
}
