/**
 * The types that parts of the fleet share: leases, states, requests, acts, and messages between processes.
 *
 * @module
 */
import type { Act, ActOutcome } from "../session/elsewhere.ts";

export type { Act, ActOutcome };

/** A worker's claim on a session that it drives. The epoch and the job's attempt fence every write. */
export interface Lease {
  readonly project: string;
  /** The session's name, without its date. */
  readonly session: string;
  /** Id of the session's row. */
  readonly id: string;
  /** The fencing token: raised from 1 whenever somebody takes the session. */
  readonly epoch: number;
  readonly queue: string;
  readonly job: { readonly id: string; readonly retryCount: number };
}

/** Thrown if another worker drives the session now: end the agent, and write nothing more. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

/** Timing of a lease, in milliseconds. */
export const LEASE_MS = {
  /** After this long without a beat, another worker takes the session. pg-boss needs whole seconds, at least 10. */
  expires: 12_000,
  /** How often a worker beats. */
  beat: 2_500,
  /** After this long without a successful beat, the worker ends its agent: 0.8 of the lease. */
  surrender: 9_600,
} as const;

/** A session's state in the fleet. */
export type FleetState =
  /** Waits for a worker, perhaps only from `notBefore` on. */
  | "queued"
  | "running"
  /** Waits for a person. */
  | "waiting"
  | "blocked"
  | "failed"
  | "stopped"
  | "done"
  /** Moved to somebody's own machine with `fleet take`. */
  | "taken";

/** A session's task and options, passed from `submit` to the worker that first takes it. */
export interface FleetRequest {
  readonly task?: string | undefined;
  readonly dive?: string | undefined;
  readonly light?: boolean | undefined;
  /** The text of a plan that its submitter approved by naming it. */
  readonly plan?: string | undefined;
  readonly maxCostUsd?: number | undefined;
  readonly provider?: string | undefined;
  /** The project's settings on the submitting machine, by name, without those that are secret or guard a machine. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Messages from a session's process to its fleet worker, as JSON lines on the process's stdout; answers ({@linkcode
 * ToSession}) arrive on its stdin. The end of either stream ends the agent.
 */
export type FromSession =
  /** Blocks the session until all events up to this one are in the engine and its work is in git. */
  { readonly barrier: number; readonly type: string };

/** Messages from the fleet worker to a session's process; see {@linkcode FromSession}. */
export type ToSession =
  /**
   * The lease was renewed at this time, by this machine's clock: a line may sit in the pipe while the machine sleeps.
   * After {@linkcode LEASE_MS}`.surrender` without one, the session ends its agent.
   */
  | { readonly beat: number }
  | { readonly passed: number }
  /** End now, for this reason: the lease is lost, or the session is handed over. */
  | { readonly end: string };
