/**
 * What the parts of the fleet say to each other: whose a session is, what a lease is, and what people decide.
 *
 * @module
 */
import type { Act, ActOutcome } from "../session/elsewhere.ts";

export type { Act, ActOutcome };

/** What a worker holds while it drives a session. Every write is fenced by the epoch, and by the job's attempt. */
export interface Lease {
  readonly project: string;
  /** As people name it: without its day. */
  readonly session: string;
  /** The session's row. */
  readonly id: string;
  /** Counts the workers that took the session, from 1. */
  readonly epoch: number;
  readonly queue: string;
  readonly job: { readonly id: string; readonly retryCount: number };
}

/** Somebody else drives the session now: whoever meets this ends its agent and writes nothing more. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

/** The lease, in milliseconds. */
export const LEASE_MS = {
  /** Without a beat for so long, another worker takes the session. pg-boss allows whole seconds, and no less than 10. */
  expires: 12_000,
  /** How often a worker beats. */
  beat: 2_500,
  /** Without a beat that got through for so long, the worker ends its agent: 0.8 of the lease. */
  surrender: 9_600,
} as const;

/** How a session rests in the fleet. */
export type FleetState =
  /** Wants a worker; `notBefore` may say when. */
  | "queued"
  | "running"
  /** For a person. */
  | "waiting"
  | "blocked"
  | "failed"
  | "stopped"
  | "done"
  /** Somebody took it to their own machine. */
  | "taken";

/** What a session is to do: from `submit` to the worker that first takes it. */
export interface FleetRequest {
  readonly task?: string | undefined;
  readonly dive?: string | undefined;
  readonly light?: boolean | undefined;
  /** The text of a plan that its submitter approved by naming it. */
  readonly plan?: string | undefined;
  readonly maxCostUsd?: number | undefined;
  readonly provider?: string | undefined;
  /** The project's own settings by name, as they were where it was submitted; none that is secret or guards a machine. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * What a session's worker process and the fleet's worker say to each other, a JSON object a line: the one asks on its
 * standard output, the other answers on its standard input. The end of either stream ends the agent.
 */
export type FromSession =
  /** Nothing goes on until all events up to here are in the engine, and its work in git. */
  { readonly barrier: number; readonly type: string };

/** See {@linkcode FromSession}. */
export type ToSession =
  /**
   * The lease was renewed; when, by the clock of this machine: a line may wait in its pipe while the machine sleeps.
   * Without one for {@linkcode LEASE_MS}`.surrender`, the session ends its agent.
   */
  | { readonly beat: number }
  | { readonly passed: number }
  /** End now, for this reason: the lease is lost, or another worker is to go on. */
  | { readonly end: string };
