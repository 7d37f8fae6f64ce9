/**
 * A lease from its worker's side: tracks when it is lost, and retries work while it is held.
 *
 * @module
 */
import { pause } from "../system/pause.ts";
import { SamocodeError } from "../text/errors.ts";
import { FencedError, LEASE_MS } from "./contract.ts";
import { machineMs } from "./session_lines.ts";

/** How often to check the age of the last beat. After the machine slept, the overdue timer fires at once. */
const LOOK_MS = 500;

const RETRY_MS = 1_000;

/** How long to retry while git or the engine fails. If the engine is out of reach, the lease is lost long before. */
const PATIENCE_MS = 600_000;

/** A lease from its claim until it is given back or lost. */
export class HeldLease implements Disposable {
  readonly #takenAtMs: number;
  readonly #lost = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #beatMs: number;

  /** @param takenAtMs When the claim started, by {@linkcode machineMs}. */
  constructor(takenAtMs: number) {
    this.#takenAtMs = takenAtMs;
    this.#beatMs = takenAtMs;
    this.#timer = setInterval(() => {
      if (machineMs() - this.#beatMs > LEASE_MS.surrender) this.lose("no heartbeat reached the database in time");
    }, LOOK_MS);
  }

  /** Fires when the lease is lost. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Why the lease was lost; `undefined` while it is held. */
  get whyLost(): string | undefined {
    return this.lost.aborted ? String(this.lost.reason) : undefined;
  }

  /** When the last successful beat was sent. */
  get beatMs(): number {
    return this.#beatMs;
  }

  /** How long the lease has been held. */
  get ageMs(): number {
    return machineMs() - this.#takenAtMs;
  }

  /** Records a successful beat, which renews the lease from the time when it was sent. */
  beat(sentAtMs: number): void {
    this.#beatMs = Math.max(this.#beatMs, sentAtMs);
  }

  /** Marks the lease as lost: nothing more is written. The first reason counts. */
  lose(why: string): void {
    this.#lost.abort(why);
  }

  /** @throws {FencedError} If the lease is lost. */
  check(): void {
    if (this.whyLost !== undefined) throw new FencedError(this.whyLost);
  }

  /** Retries `act` through outages while the lease is held. @throws {FencedError} If the lease is lost. */
  async persist<Result>(act: () => Promise<Result>): Promise<Result> {
    const begun = machineMs();
    while (true) {
      this.check();
      try {
        return await act();
      } catch (error) {
        const mayPass = error instanceof SamocodeError && error.code === "system";
        if (!mayPass || machineMs() - begun > PATIENCE_MS) throw error;
        await pause(RETRY_MS, this.lost);
      }
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
