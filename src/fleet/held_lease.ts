/**
 * A lease as the worker that holds it sees it: until when it lasts, and what is tried again while it does.
 *
 * @module
 */
import { pause } from "../system/pause.ts";
import { SamocodeError } from "../text/errors.ts";
import { FencedError, LEASE_MS } from "./contract.ts";
import { machineMs } from "./session_lines.ts";

/** How often a parent looks at its own beats: at once after a sleep. */
const LOOK_MS = 500;

const RETRY_MS = 1_000;

/** How long git or the engine may refuse what a session waits for. The lease of an engine out of reach ends long before. */
const PATIENCE_MS = 600_000;

/** A lease that was taken, until it is given back or lost. */
export class HeldLease implements Disposable {
  readonly #takenAtMs: number;
  readonly #lost = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  #beatMs: number;

  /** @param takenAtMs When the claim was begun, by {@linkcode machineMs}. */
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

  /** Why it is lost; `undefined` while it is held. */
  get whyLost(): string | undefined {
    return this.lost.aborted ? String(this.lost.reason) : undefined;
  }

  /** When the beat was sent that last got through. */
  get beatMs(): number {
    return this.#beatMs;
  }

  /** How long it is held. */
  get ageMs(): number {
    return machineMs() - this.#takenAtMs;
  }

  /** The lease was renewed by a beat that was sent then. */
  beat(sentAtMs: number): void {
    this.#beatMs = Math.max(this.#beatMs, sentAtMs);
  }

  /** From here on nothing more is written. The first reason counts. */
  lose(why: string): void {
    this.#lost.abort(why);
  }

  /** @throws {FencedError} If it is lost. */
  check(): void {
    if (this.whyLost !== undefined) throw new FencedError(this.whyLost);
  }

  /** Repeats what an outage foils, as long as the lease is held. @throws {FencedError} */
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
