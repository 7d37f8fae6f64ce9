/**
 * Keeps an agent from flooding the journal.
 *
 * @module
 */
import type { RunnerEvent } from "./agent_runner.ts";

/** For each kind of event, so that no agent can flood the journal. */
const MAX_EVENTS_PER_SECOND = 25;

/** Limits the events of each kind per second, so that frequent kinds do not displace rare ones. */
export class Pace {
  readonly #clock: () => number;
  #second = 0;
  readonly #counts = new Map<RunnerEvent["type"], number>();
  refused = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Reads the clock, once per batch of lines: for each event it would add a tenth to the cost of reading. */
  look(): void {
    const second = Math.floor(this.#clock() / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.#counts.clear();
  }

  allows(type: RunnerEvent["type"]): boolean {
    const count = (this.#counts.get(type) ?? 0) + 1;
    this.#counts.set(type, count);
    if (count <= MAX_EVENTS_PER_SECOND) return true;
    this.refused++;
    return false;
  }
}
