/**
 * The events of a session: everything that happens, one past-tense fact each. The journal is a list of them, and
 * every listener hears them.
 *
 * @module
 */
import type { IterationEnd } from "./iteration_end.ts";
import type { Gate, WaitFor } from "./gates.ts";
import type { Phase } from "./phases.ts";
import type { Need, Signal } from "./signal.ts";

/** What an iteration used. Sums over one attempt; `costUsd` is absent where the provider does not tell. */
export interface Usage {
  readonly costUsd: number | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly modelCalls: number;
}

/** What an agent was seen doing while it worked. */
export type AgentEvent =
  | { readonly type: "agent.started"; readonly model: string; readonly version: string; readonly id: string }
  | { readonly type: "agent.acted"; readonly tool: string; readonly about: string }
  | { readonly type: "agent.said"; readonly text: string }
  | { readonly type: "agent.denied"; readonly tool: string; readonly detail: string }
  | {
    readonly type: "agent.retried";
    readonly attempt: number;
    readonly of: number;
    readonly delayMs: number;
    readonly detail: string;
  }
  | { readonly type: "agent.limited"; readonly status: string; readonly until: string | undefined }
  | { readonly type: "agent.model_changed"; readonly model: string; readonly detail: string };

/** How a run of the loop came to rest. */
export type Outcome =
  | { readonly kind: "done"; readonly summary: string }
  | { readonly kind: "waiting"; readonly for: WaitFor; readonly gate: Gate | undefined; readonly detail: string }
  | { readonly kind: "blocked"; readonly reason: string; readonly needs: Need | "budget" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "stopped"; readonly by: string };

/** Where a session works. */
export interface Workplace {
  /** The agent's working directory: the worktree, or the project folder itself. */
  readonly path: string;
  /** The session's own branch; `undefined` where it works in the project folder directly. */
  readonly branch: string | undefined;
  /** What the branch grew from. */
  readonly base: string | undefined;
  /** What a person should know about this place; empty where all is as usual. */
  readonly note: string;
}

/** One provider in the place of another. */
export interface Fallback {
  /** Whose place it takes. */
  readonly instead: string;
  readonly provider: string;
  /** When the other one is back, ISO 8601; `undefined` where that is not known. */
  readonly until: string | undefined;
}

/** One fact about a session. */
export type SessionEvent =
  | {
    readonly type: "session.created";
    readonly name: string;
    readonly task: string;
    readonly dive: string;
    /** Who asked for it; absent where a person typed `samocode run`. */
    readonly by?: string | undefined;
  }
  | { readonly type: "session.prepared"; readonly workplace: Workplace }
  | {
    readonly type: "session.started";
    readonly provider: string;
    /** Whether the provider was named for the whole session; absent where it was not. */
    readonly isProviderNamed?: true | undefined;
    readonly version: string;
    readonly pid: number;
    /** Stands in the environment of the worker's own git; absent in the journals of older versions. */
    readonly marker?: string | undefined;
  }
  | { readonly type: "session.recovered"; readonly detail: string }
  | { readonly type: "journal.repaired"; readonly bytes: number }
  | { readonly type: "phase.entered"; readonly phase: Phase; readonly from: Phase; readonly by: "worker" | "human" }
  | {
    readonly type: "iteration.started";
    readonly iteration: number;
    readonly attempt: number;
    readonly phase: Phase;
    readonly marker: string;
    readonly log: string;
    /** Who works; absent in the journals of older versions. */
    readonly provider?: string | undefined;
    /** The model that was asked for; absent where the provider's own configuration decides. */
    readonly model?: string | undefined;
  }
  | AgentEvent
  | {
    readonly type: "iteration.ended";
    readonly iteration: number;
    readonly attempt: number;
    readonly phase: Phase;
    readonly end: IterationEnd;
    readonly durationMs: number;
    readonly usage: Usage;
    readonly denials: number;
    /** Activity that was seen but not recorded one by one, because it came too fast. */
    readonly unrecorded: number;
  }
  | { readonly type: "processes.ended"; readonly pids: readonly number[]; readonly detail: string }
  | {
    readonly type: "locks.found";
    /** Lock files of git that stand in the workplace's way before an attempt. */
    readonly paths: readonly string[];
  }
  | { readonly type: "signal.received"; readonly signal: Signal }
  | { readonly type: "signal.refused"; readonly problem: string }
  | {
    readonly type: "iteration.retried";
    readonly iteration: number;
    readonly attempt: number;
    readonly because: string;
    readonly delayMs: number;
    /** True where the agent did its work but left no usable signal. */
    readonly repair: boolean;
    /** The provider that does it in the place of the one that failed. */
    readonly fallback?: Fallback | undefined;
  }
  | {
    readonly type: "gate.reached";
    readonly gate: Gate;
    /** Where the session goes once the gate is open; `undefined` where the phase has more to do first. */
    readonly wants: Phase | undefined;
    readonly document: string | undefined;
    /** SHA-256 of the document as it was shown. */
    readonly sha256: string | undefined;
    /** How many questions were open in it; absent in the journals of older versions. */
    readonly openQuestions?: number | undefined;
  }
  | {
    readonly type: "gate.opened";
    readonly gate: Gate;
    readonly by: string;
    readonly document: string | undefined;
    readonly sha256: string | undefined;
  }
  | { readonly type: "answers.given"; readonly ids: readonly string[]; readonly by: string }
  | { readonly type: "plan.rejected"; readonly feedback: string; readonly by: string }
  | { readonly type: "guidance.given"; readonly text: string; readonly by: string }
  | { readonly type: "stop.requested"; readonly by: string; readonly now: boolean }
  | { readonly type: "listener.failed"; readonly listener: string; readonly detail: string }
  | {
    readonly type: "session.stopped";
    readonly outcome: Outcome;
    /** The phase that the worker left in the notebook; absent where it could not tell. */
    readonly notebookPhase?: Phase | undefined;
  };

/** An event as it stands in the journal. */
export type RecordedEvent = SessionEvent & {
  /** 1, 2, 3, … without a gap. */
  readonly seq: number;
  /** When it was recorded, ISO 8601 in UTC. */
  readonly at: string;
};

/**
 * Whether each kind of event is news to somebody who follows a session, or a detail. A missing kind does not compile.
 */
const WEIGHT: Readonly<Record<SessionEvent["type"], "news" | "detail">> = {
  "session.created": "news",
  "session.prepared": "detail",
  "session.started": "news",
  "session.recovered": "news",
  "journal.repaired": "news",
  "phase.entered": "news",
  "iteration.started": "detail",
  "agent.started": "detail",
  "agent.acted": "detail",
  "agent.said": "detail",
  "agent.denied": "detail",
  "agent.retried": "detail",
  "agent.limited": "detail",
  "agent.model_changed": "detail",
  "iteration.ended": "news",
  "processes.ended": "detail",
  "locks.found": "news",
  "signal.received": "detail",
  "signal.refused": "news",
  "iteration.retried": "news",
  "gate.reached": "news",
  "gate.opened": "news",
  "answers.given": "detail",
  "plan.rejected": "news",
  "guidance.given": "news",
  "stop.requested": "news",
  "listener.failed": "detail",
  "session.stopped": "news",
};

/** Whether an event is news to somebody who follows a session. */
export function isNews({ type }: SessionEvent): boolean {
  return WEIGHT[type] === "news";
}

/** Nothing used. */
export const NO_USAGE: Usage = {
  costUsd: undefined,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  modelCalls: 0,
};

/** Adds two usages; an unknown cost adds nothing. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    costUsd: a.costUsd === undefined ? b.costUsd : a.costUsd + (b.costUsd ?? 0),
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    modelCalls: a.modelCalls + b.modelCalls,
  };
}
