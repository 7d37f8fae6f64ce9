/**
 * The events of a session: everything that happens, one past-tense fact each. The journal is a list of them, and
 * every listener hears them.
 *
 * @module
 */
import { GATE_NAMES, PROGRAM_WAITS, WAIT_NAMES } from "./gates.ts";
import { MEASURES, SPANS } from "./budget.ts";
import { iterationEnd } from "./iteration_end.ts";
import { PHASE_NAMES } from "./phases.ts";
import {
  type Check,
  type Checked,
  flag,
  type Flat,
  listOf,
  number,
  oneOf,
  optional,
  orUndefined,
  record,
  type Shape,
  type Shaped,
  text,
  variant,
} from "./shape.ts";

const phase = oneOf(PHASE_NAMES);
const gate = oneOf(GATE_NAMES);
const waitFor = oneOf(WAIT_NAMES);
const anyWait = oneOf([...WAIT_NAMES, ...PROGRAM_WAITS, "budget"]);

/** What a blocked agent can need. */
export const NEEDS = ["human_decision", "clarification", "error_resolution", "investigation"] as const;

/** What a blocked agent needs. */
export type Need = (typeof NEEDS)[number];

const signal = variant("status", {
  continue: { phase: orUndefined(phase) },
  waiting: { for: waitFor, phase: orUndefined(phase) },
  blocked: { reason: text, needs: oneOf(NEEDS), phase: orUndefined(phase) },
  done: { summary: text, phase: orUndefined(phase) },
});

/** How an agent ends its iteration. An absent `phase` means: stay in this one. */
export type Signal = Checked<typeof signal>;

const usage = record({
  costUsd: orUndefined(number),
  inputTokens: number,
  outputTokens: number,
  cacheReadTokens: number,
  cacheWriteTokens: number,
  modelCalls: number,
  /** By list price, where no cost was reported. */
  estimatedUsd: optional(number),
});

/** What one attempt used, in sum; `costUsd` is absent if the provider does not report it. */
export type Usage = Checked<typeof usage>;

const outcome = variant("kind", {
  done: { summary: text },
  waiting: { for: anyWait, gate: orUndefined(gate), detail: text },
  /** In the journals of older versions, a session without a budget left is blocked. */
  blocked: { reason: text, needs: oneOf([...NEEDS, "budget"]) },
  failed: { reason: text },
  stopped: { by: text },
});

/** How a run ended. */
export type Outcome = Checked<typeof outcome>;

const workplace = record({
  /** The agent's working directory: the worktree, or the project folder itself. */
  path: text,
  /** The session's own branch; `undefined` if it works in the project folder directly. */
  branch: orUndefined(text),
  /** What the branch was created from. */
  base: orUndefined(text),
  /** What a person should know about this place; may be empty. */
  note: text,
});

/** Where a session works. */
export type Workplace = Checked<typeof workplace>;

const adoption = record({
  phase,
  iterations: number,
  iterationsInVisit: number,
  qualityIterations: number,
  /** Its own worktree, if there was one. */
  workplace: optional(workplace),
});

/** What samocode adopted of a session that it did not begin. */
export type Adoption = Checked<typeof adoption>;

const guardKind = oneOf(["bubblewrap", "seatbelt", "pid-namespace", "none"]);

/** What keeps an agent from everything that is not its work. */
export type GuardKind = Checked<typeof guardKind>;

const guard = record({
  kind: guardKind,
  /** What a person let through, by name. */
  open: listOf(text),
  network: oneOf(["open", "off", "allow-list"]),
  /** What the person lists; absent without a list. */
  hosts: optional(listOf(text)),
  /** Why there is no stronger one; may be empty. */
  note: text,
});

/** How the agents of a run are guarded. */
export type GuardRecord = Checked<typeof guard>;

const fallback = record({
  /** The provider that is replaced. */
  instead: text,
  provider: text,
  /** When that provider is available again, ISO 8601; `undefined` if unknown. */
  until: orUndefined(text),
});

/** One provider in place of another. */
export type Fallback = Checked<typeof fallback>;

const wait = variant("for", {
  /** Until a usage limit ends: when, ISO 8601, if anybody said. */
  limit: { until: optional(text) },
  /** Until an outage is over. `tries` failed since then; ISO 8601. */
  outage: { since: text, tries: number, until: text },
});

/** What a session waits for before another attempt; in an outage, until when. */
export type Wait = Checked<typeof wait>;

const share = { measure: oneOf(MEASURES), span: oneOf(SPANS) };

const amounts = record({
  cost: orUndefined(number),
  tokens: orUndefined(number),
  starts: orUndefined(number),
  time: orUndefined(number),
});
const limits = record({ session: amounts, day: amounts });

const raise = record({ ...share, to: number, day: optional(text) });

const workState = record({
  /** Of the files in the workplace, committed or not. */
  tree: text,
  /** Of the plan, the questions and all other documents. */
  documents: text,
  /** Of what agents and people wrote into the notebook. */
  notebook: text,
});

/** Hashes of what a session consists of at one moment. Only their equality means something. */
export type WorkState = Checked<typeof workState>;

const work = {
  /** The commit that the session began from, and its last one. */
  base: text,
  head: text,
  commits: number,
  /** The newest commits, each as its short id and subject. */
  newest: listOf(text),
  files: number,
  added: number,
  removed: number,
  /** Of the files that changed most. */
  changes: listOf(record({ path: text, added: number, removed: number })),
};
const isWork = record(work);

/** What a session has committed. Lines are counted as git does; a binary file has none. */
export type Work = Checked<typeof isWork>;

const finish = {
  how: oneOf(["merged", "pushed"]),
  /** A branch; after a push with its remote, as in `origin/add-jwt`. */
  into: text,
  /** The session's last commit. */
  head: text,
  /** What that branch was at then. */
  commit: text,
  /** Of the pull request. */
  url: optional(text),
  by: text,
};
const isFinish = record(finish);

/** Where the work of a session went. */
export type Finish = Checked<typeof isFinish>;
/** What a person gives a session to do. */
const assignment = {
  task: text,
  dive: text,
  /** A small change: nothing is asked, and the plan has one step. Absent if not. */
  light: optional(flag),
  /** The plan that the person gave along, and so approved: its file and its hash. */
  plan: optional(record({ document: text, sha256: text })),
};

const stage = oneOf(["baseline", "review", "end"]);
const command = listOf(text);

/** What was checked. */
const checked = {
  stage,
  command,
  /** The commit that was checked out; absent without git. */
  commit: optional(text),
  /** How many files differed from it. */
  uncommitted: number,
  /** The name of the raw log with all that it printed. */
  log: text,
};

/** What a review can come to. */
export const VERDICTS = ["clean", "fixed", "open"] as const;

/** An event that somebody who follows a session wants to see. */
const news = <S extends Shape>(shape: S) => ({ shape, isNews: true, isPulse: false } as const);
const detail = <S extends Shape>(shape: S) => ({ shape, isNews: false, isPulse: false } as const);
/** An event of each model call, for the views of what goes on now; no log has a line for it. */
const pulse = <S extends Shape>(shape: S) => ({ shape, isNews: false, isPulse: true } as const);

/** The event table. To add an event is to add a row, and a case to every switch over events. */
export const EVENTS = {
  "session.created": news({
    name: text,
    ...assignment,
    /** Who asked for it; absent if a person ran `samocode run`. */
    by: optional(text),
    /** What its notebook said, if it was started by hand or by another program. */
    adopted: optional(adoption),
  }),
  /** A person gives an existing session new work. What was answered and approved before does not count for it. */
  "task.given": news({
    ...assignment,
    by: text,
    /** The commit at which it begins; absent without git. */
    commit: optional(text),
  }),
  "session.prepared": detail({ workplace }),
  "session.started": news({
    provider: text,
    /** Whether the provider was named for the whole session; absent if not. */
    isProviderNamed: optional(flag),
    version: text,
    pid: number,
    /** In the environment of the worker's own git; absent in the journals of older versions. */
    marker: optional(text),
    /** Absent in the journals of older versions. */
    guard: optional(guard),
    /** The commands of the checks; absent in the journals of older versions. */
    checks: optional(listOf(command)),
    /** The limits of the settings; absent in the journals of older versions. */
    limits: optional(limits),
  }),
  /** As many sessions are running as the settings allow; a supervisor starts it when its turn has come. */
  "session.queued": news({ by: text, running: number, most: number }),
  "session.recovered": news({ detail: text }),
  "journal.repaired": news({ bytes: number }),
  /** A person accepts the journal although another program may have written it; a new chain begins. */
  "journal.accepted": news({ found: text, by: text }),
  /** The session's folder has another name since. */
  "session.renamed": news({ folder: text }),
  "phase.entered": news({
    phase,
    from: phase,
    by: oneOf(["worker", "human"]),
    /** Why the worker sent the session back, for the next agent. */
    because: optional(text),
    /** The unticked steps of the plan that a human left out by moving the session on. */
    waived: optional(listOf(text)),
  }),
  "iteration.started": detail({
    iteration: number,
    attempt: number,
    phase,
    marker: text,
    log: text,
    /** Absent in the journals of older versions. */
    provider: optional(text),
    /** The requested model; absent if the provider's own configuration decides. */
    model: optional(text),
    /** Its time limit; absent in the journals of older versions. */
    timeoutMs: optional(number),
    /** What was there before a run's first attempt. */
    found: optional(workState),
  }),
  "agent.started": detail({ model: text, version: text, id: text }),
  "agent.acted": detail({ tool: text, about: text }),
  "agent.said": detail({ text }),
  /** What the attempt has used so far, in sum, at the end of a model call. */
  "agent.used": pulse({ usage }),
  /** The tools that it started have answered; the model goes on. */
  "agent.resumed": pulse({}),
  "agent.denied": detail({ tool: text, detail: text }),
  "agent.retried": detail({ attempt: number, of: number, delayMs: number, detail: text }),
  "agent.limited": detail({ status: text, until: orUndefined(text) }),
  "agent.model_changed": detail({ model: text, detail: text }),
  "iteration.ended": news({
    iteration: number,
    attempt: number,
    phase,
    end: iterationEnd,
    durationMs: number,
    usage,
    denials: number,
    /** How many agent events came too fast to be recorded one by one. */
    unrecorded: number,
    /** What was there afterwards; absent if nobody could look, and in the journals of older versions. */
    left: optional(workState),
    /** The commands that failed when the attempt last ran them; absent if there are none. */
    failed: optional(listOf(text)),
  }),
  /** What the newest review report says, if it says something else than before. */
  "review.ended": news({
    report: text,
    /** Absent if the report has none: then it is unfinished. */
    verdict: optional(oneOf(VERDICTS)),
    /** What blocks and is not fixed. */
    findings: listOf(text),
  }),
  /** So many agent starts brought nothing new; the next agent is told. */
  "progress.missed": news({ starts: number, seen: text }),
  "check.started": detail({
    ...checked,
    /** Which one of how many. */
    number,
    of: number,
    /** In the environment of all its processes. */
    marker: text,
    /** A hash of the files in the workplace. */
    tree: text,
  }),
  "check.ended": news({
    ...checked,
    /** `aborted`: somebody stopped the run, and the check is repeated in the next one. */
    result: oneOf(["passed", "failed", "aborted"]),
    /** Absent if it did not exit by itself. */
    exitCode: optional(number),
    /** How it ended, in words. */
    detail: text,
    durationMs: number,
    /** The end of what a failed one printed. */
    tail: text,
  }),
  /** A person goes on although checks failed before the first change. */
  "baseline.accepted": news({ by: text }),
  "processes.ended": detail({ pids: listOf(number), detail: text }),
  /** The raw log of the attempt lost so many bytes that were read before. */
  "log.cut": news({ bytes: number }),
  "hosts.refused": news({ hosts: listOf(text), more: number }),
  /** Lock files of git that block the workplace before an attempt. */
  "locks.found": news({ paths: listOf(text) }),
  "settings.left_out": detail({ paths: listOf(text) }),
  "signal.received": detail({ signal }),
  "signal.refused": news({ problem: text }),
  /** What was not committed is kept as a commit under a ref of its own. */
  "checkpoint.made": detail({
    /** After which iteration. */
    iteration: number,
    ref: text,
    commit: text,
    tree: text,
    /** How many files differ from the last commit. */
    files: number,
    /** What is not in it, each with the reason. */
    left: listOf(text),
  }),
  "checkpoint.failed": news({ iteration: number, detail: text }),
  /** A person put the files of a checkpoint back. */
  "checkpoint.restored": news({ ref: text, tree: text, by: text }),
  "iteration.retried": news({
    iteration: number,
    attempt: number,
    because: text,
    delayMs: number,
    /** Whether only the signal was missing or invalid. */
    repair: flag,
    fallback: optional(fallback),
    /** Absent for the usual pause, and in the journals of older versions. */
    wait: optional(wait),
  }),
  /** Most of a limit is used up. */
  "budget.warned": news({ ...share, spent: number, limit: number, day: text }),
  /** A person raised limits. */
  "budget.raised": news({ raised: listOf(raise), by: text }),
  "gate.reached": news({
    gate,
    /** The phase to enter once the gate is open; `undefined` if this phase has more to do first. */
    wants: orUndefined(phase),
    document: orUndefined(text),
    /** SHA-256 of the document as it was shown. */
    sha256: orUndefined(text),
    /** How many questions were open in it; absent in the journals of older versions. */
    openQuestions: optional(number),
  }),
  "gate.opened": news({ gate, by: text, document: orUndefined(text), sha256: orUndefined(text) }),
  "answers.given": detail({ ids: listOf(text), by: text }),
  "plan.rejected": news({ feedback: text, by: text }),
  "guidance.given": news({ text, by: text }),
  "stop.requested": news({ by: text, now: flag }),
  "listener.failed": detail({ listener: text, detail: text }),
  /** What the session has committed, as it is done. */
  "work.counted": detail(work),
  /** A person merged or pushed what the session has committed. */
  "session.finished": news(finish),
  /** Worktree and branch are gone, and what they held is elsewhere; another session may take their names. */
  "workplace.removed": news({ path: text, branch: text, by: text }),
  "session.stopped": news({
    outcome,
    /** The phase that the worker left in the notebook; absent if it could not be read. */
    notebookPhase: optional(phase),
  }),
} as const;

type EventType = keyof typeof EVENTS;

/** One fact about a session. */
export type SessionEvent = {
  [Type in EventType]: Flat<{ readonly type: Type } & Shaped<(typeof EVENTS)[Type]["shape"]>>;
}[EventType];

/** What a person gives a session to do. */
export type Assignment = Pick<Extract<SessionEvent, { type: "task.given" }>, "task" | "dive" | "light" | "plan">;

/** What an agent does while it works. */
export type AgentEvent = Extract<SessionEvent, { readonly type: `agent.${string}` }>;

/** An event that only moves the views of what goes on now. */
export type PulseEvent = Extract<
  SessionEvent,
  { readonly type: { [Type in EventType]: (typeof EVENTS)[Type]["isPulse"] extends true ? Type : never }[EventType] }
>;

/** An event as it is in the journal. */
export type RecordedEvent = SessionEvent & {
  /** 1, 2, 3, … without a gap. */
  readonly seq: number;
  /** When it was recorded, ISO 8601 in UTC. */
  readonly at: string;
  /** In the event that begins a chain: the id under which samocode keeps the journal's head. */
  readonly chain?: string | undefined;
};

const CHECKS: ReadonlyMap<unknown, Check<object>> = new Map(
  Object.entries<{ readonly shape: Shape }>(EVENTS).map(([type, { shape }]) => [type, record(shape)]),
);

/** Tells whether a value has the type and the shape of an event. */
export function isSessionEvent(value: object): value is SessionEvent {
  return CHECKS.get(Reflect.get(value, "type"))?.(value) ?? false;
}

/** Tells whether somebody who follows a session wants to see an event. */
export function isNews({ type }: SessionEvent): boolean {
  return EVENTS[type].isNews;
}

/** Tells whether an event only moves the views of what goes on now. */
export function isPulse(event: SessionEvent): event is PulseEvent {
  return EVENTS[event.type].isPulse;
}

/** No usage. */
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
  const estimatedUsd = (a.estimatedUsd ?? 0) + (b.estimatedUsd ?? 0);
  return {
    costUsd: a.costUsd === undefined ? b.costUsd : a.costUsd + (b.costUsd ?? 0),
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    modelCalls: a.modelCalls + b.modelCalls,
    ...(estimatedUsd > 0 && { estimatedUsd }),
  };
}
