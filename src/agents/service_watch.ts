/**
 * Notices that an agent cannot get through to its service although its client does not give up: it says so again and
 * again (Codex 0.169 without a network), or it is silent while nothing answers at the service's address.
 *
 * @module
 */
import type { AwakeTime } from "../system/awake_time.ts";
import type { Observation } from "./observation.ts";

/** What to watch, and how patiently. */
export interface ServiceWatchOptions {
  /** Why the service cannot be reached; `undefined` if it can, or if nobody knows where it is. */
  readonly whyUnreachable: () => Promise<string | undefined>;
  readonly time: AwakeTime;
  /** Told once, with the reason. */
  readonly onLost: (detail: string) => void;
  /** How long the service must be lost: shorter failures are left to the client. */
  readonly lostMs?: number;
  /** A silence that is worth a look: models think for minutes. */
  readonly silentMs?: number;
}

/** Watches an attempt until it is disposed. */
export class ServiceWatch implements Disposable {
  readonly #options: Required<ServiceWatchOptions>;
  #heardAt: number;
  /** Whether a tool was the last thing heard of: its silence is not the model's. */
  #isActing = false;
  #endLost: (() => void) | undefined;
  #endSilence: (() => void) | undefined;
  #isOver = false;

  constructor({ lostMs = 60_000, silentMs = 120_000, ...options }: ServiceWatchOptions) {
    this.#options = { lostMs, silentMs, ...options };
    this.#heardAt = options.time.ms;
    this.#lookAfter(silentMs);
  }

  /** Notes that output arrived. */
  heard(): void {
    this.#heardAt = this.#options.time.ms;
    this.#isActing = false;
  }

  /** Notes what the output says. */
  saw(observation: Observation): void {
    switch (observation.type) {
      case "unreachable": {
        const { detail } = observation;
        this.#endLost ??= this.#options.time.after(this.#options.lostMs, () => this.#tell(detail));
        return;
      }
      case "agent.acted":
      case "agent.said":
      case "model.called":
        this.#isActing = observation.type === "agent.acted";
        this.#endLost?.();
        this.#endLost = undefined;
    }
  }

  #lookAfter(ms: number, problem?: string): void {
    this.#endSilence = this.#options.time.after(ms, () => void this.#look(problem));
  }

  async #look(before: string | undefined): Promise<void> {
    const { silentMs, lostMs, whyUnreachable } = this.#options;
    const silent = this.#options.time.ms - this.#heardAt;
    if (silent < silentMs) return this.#lookAfter(silentMs - silent);
    const problem = this.#isActing ? undefined : await whyUnreachable();
    if (this.#isOver) return;
    if (problem !== undefined && before !== undefined) return this.#tell(problem);
    this.#lookAfter(problem === undefined ? silentMs : lostMs, problem);
  }

  #tell(detail: string): void {
    if (!this.#isOver) this.#options.onLost(detail);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#endLost?.();
    this.#endSilence?.();
  }
}
