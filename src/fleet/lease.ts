/**
 * Who drives a session: wishes become jobs, a claim takes one, beats keep it, and its end gives it back. Every write is
 * fenced by the session's epoch and the job's attempt.
 *
 * @module
 */
import type { FleetState, Lease } from "./contract.ts";
import type { Engine, Transaction } from "./engine.ts";

/** Who claims, and what. */
export interface Claimant {
  readonly worker: string;
  readonly pool: string;
  /** A session is taken if all its labels are among these. */
  readonly labels: readonly string[];
  /** Only sessions of these accounts are taken; all if it is empty. */
  readonly accounts: readonly string[];
}

/** How a session came to rest. */
export interface Settlement {
  readonly state: Exclude<FleetState, "queued" | "running">;
  /** In words for people. */
  readonly detail: string;
  /** For lists; unchanged if left out. */
  readonly summary?: unknown;
  /** Runs in the same transaction, before the job is ended. */
  readonly before?: (transaction: Transaction) => Promise<void>;
}

/** Why a session goes on elsewhere or later. */
export interface Requeue {
  readonly detail: string;
  readonly notBefore?: Date | undefined;
  /** Runs in the same transaction, before the job is ended. */
  readonly before?: (transaction: Transaction) => Promise<void>;
}

/** Turns the sessions that are wanted into jobs: each once, however many workers do it. @returns How many. */
export function enqueueWanted(_engine: Engine): Promise<number> {
  throw new Error("not written yet");
}

/**
 * Takes the next session whose account has room and that this worker may drive; the epoch counts up, and who held the
 * session before is fenced off from here on.
 */
export function claim(_engine: Engine, _claimant: Claimant): Promise<Lease | undefined> {
  throw new Error("not written yet");
}

/** Says that the worker lives. @returns The ids of the sessions it still holds. */
export function beat(_engine: Engine, _leases: readonly Lease[]): Promise<ReadonlySet<string>> {
  throw new Error("not written yet");
}

/** Makes sure that what follows in this transaction is written by who holds the session. @throws {FencedError} */
export function checkHeld(_transaction: Transaction, _lease: Lease): Promise<void> {
  throw new Error("not written yet");
}

/** Ends the run: its outcome and the end of its job in one transaction. @throws {FencedError} */
export function settle(_engine: Engine, _lease: Lease, _settlement: Settlement): Promise<void> {
  throw new Error("not written yet");
}

/** Gives the session back to the queue: the end of this job and a new wish in one transaction. @throws {FencedError} */
export function requeue(_engine: Engine, _lease: Lease, _requeue: Requeue): Promise<void> {
  throw new Error("not written yet");
}

/** Wants a session to run, and tells the workers. An engine or a transaction does it. */
export function wake(_on: Pick<Transaction, "query">, _id: string): Promise<void> {
  throw new Error("not written yet");
}
