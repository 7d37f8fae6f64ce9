/**
 * What a status says, the same at every door.
 *
 * @module
 */
import type { Action } from "../text/action.ts";
import type { Now } from "../workflow/attempt.ts";
import type { Share } from "../workflow/budget.ts";
import type { Phase } from "../workflow/phases.ts";
import type { planProgress } from "../workflow/plan.ts";
import type { Question } from "../workflow/questions.ts";
import type { Snapshot } from "../workflow/snapshot.ts";
import type { Finish, Work } from "../workflow/work.ts";
import type { findHandover } from "../session/handover.ts";
import type { Commit } from "../session/last_commit.ts";

/** What a list shows of a session. */
export interface StatusRow extends Snapshot {
  /** The shortest name that identifies it. */
  readonly session: string;
  readonly phase: Phase;
  readonly iteration: number;
  /** What the agent is doing, or what the session waits for; empty unless the session is running. */
  readonly activity: string;
  readonly task: string;
  /** In US dollars, so far; `undefined` if no provider reported a cost. */
  readonly costUsd: number | undefined;
  /** The list price of what no cost was reported of. */
  readonly estimatedUsd: number | undefined;
  readonly startedAt: string | undefined;
  readonly updatedAt: string | undefined;
  /** Since it was started, until now or until it came to rest. */
  readonly elapsedMs: number;
  /** Only of a session of the fleet. */
  readonly fleet?: FleetPlace;
}

/** Where a session of the fleet is. */
export interface FleetPlace {
  /** The worker that drives it, if one does. */
  readonly worker: string | undefined;
  /** Whose login it uses. */
  readonly account?: string;
  /** Its place in the queue, from 1. */
  readonly place?: number | undefined;
}

/** The status of a session. */
export interface Status extends StatusRow {
  /** The next actions, likeliest first. */
  readonly next: readonly Action[];
  /** The latest events, one line each, newest last; the reason why the session rests is in `detail`. */
  readonly events: readonly string[];
  /** What goes on; `undefined` unless the session is running. */
  readonly now: Now | undefined;
  /** Which try of the iteration the last attempt was. */
  readonly attempt: number;
  /** The pause before the next attempt; `undefined` unless there is one. */
  readonly wait: WaitStatus | undefined;
  readonly questions: readonly Question[];
  /** What is special about its way, in words; empty if nothing is. */
  readonly route: string;
  readonly plan: { readonly path: string; readonly sha256: string } & ReturnType<typeof planProgress> | undefined;
  /** The agent that works, or worked last. */
  readonly provider: string | undefined;
  /** The requested model; `undefined` if the provider's own configuration decides. */
  readonly model: string | undefined;
  /** What guards the agents, in words; empty where that is not known. */
  readonly guard: string;
  readonly folder: string;
  /** `undefined` before it is made, and once it is removed. */
  readonly worktree: string | undefined;
  /** `undefined` without one, and once it was merged or pushed. */
  readonly branch: string | undefined;
  /** What a session that is done has committed; `undefined` before that. */
  readonly work: Work | undefined;
  /** Where a person brought that; `undefined` until then. */
  readonly finish: Finish | undefined;
  /** The documents that a session which is done leaves, as paths. */
  readonly handover: ReturnType<typeof findHandover>;
  /** The commit that the worktree is at, if it was made in this session. */
  readonly commit: Commit | undefined;
  readonly note: string;
  /** What the session has used of its own limits so far, the most used first. */
  readonly budget: readonly Omit<Share, "span">[];
  readonly tokens: { readonly input: number; readonly output: number };
  /** How long its agents have worked; until the last sign of one that is at work. */
  readonly workedMs: number;
  /** What is kept of work that is not committed: how many checkpoints, and why not all. */
  readonly kept: { readonly checkpoints: number; readonly problem: string };
  /** What the project's own checks said, in words; empty before the first run. */
  readonly checks: string;
  /** When the last run began, ISO 8601. */
  readonly runStartedAt: string | undefined;
  readonly workerPid: number | undefined;
  /** The number of the last event. */
  readonly cursor: number;
}

/** A pause before an attempt. A run that was stopped or killed goes on with it. */
export interface WaitStatus {
  readonly for: "limit" | "outage" | "retry";
  readonly because: string;
  /** When the next attempt begins, ISO 8601. */
  readonly until: string;
  readonly leftMs: number;
  /** When an outage is given up, ISO 8601. */
  readonly givesUpAt: string | undefined;
}
