/**
 * The events of an iteration: its attempts, what its agent does, its signal, and what reviews and checks say about it.
 *
 * @module
 */
import { detail, news, pulse } from "./event_row.ts";
import { WAIT_NAMES } from "./gates.ts";
import { iterationEnd } from "./iteration_end.ts";
import { PHASE_NAMES } from "./phases.ts";
import { VERDICTS } from "./review.ts";
import { type Checked, flag, listOf, number, oneOf, optional, orUndefined, record, text, variant } from "./shape.ts";
import { usage } from "./usage.ts";
import { workState } from "./work.ts";

const phase = oneOf(PHASE_NAMES);

/** What a blocked agent can need. */
export const NEEDS = ["human_decision", "clarification", "error_resolution", "investigation"] as const;

/** What a blocked agent needs. */
export type Need = (typeof NEEDS)[number];

const signal = variant("status", {
  continue: { phase: orUndefined(phase) },
  waiting: { for: oneOf(WAIT_NAMES), phase: orUndefined(phase) },
  blocked: { reason: text, needs: oneOf(NEEDS), phase: orUndefined(phase) },
  done: { summary: text, phase: orUndefined(phase) },
});

/** How an agent ends its iteration. An absent `phase` means: stay in this one. */
export type Signal = Checked<typeof signal>;

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

/** What was checked. */
const checked = {
  stage: oneOf(["baseline", "review", "end"]),
  command: listOf(text),
  /** The commit that was checked out; absent without git. */
  commit: optional(text),
  /** How many files differed from it. */
  uncommitted: number,
  /** The name of the raw log with all that it printed. */
  log: text,
};

/** The table of what an agent does while it works. */
export const AGENT_EVENTS = {
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
} as const;

/** The table of the other events of an iteration. */
export const ITERATION_EVENTS = {
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
} as const;
