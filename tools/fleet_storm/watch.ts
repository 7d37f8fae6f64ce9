/**
 * Watches the processes of a fleet for sessions that run on two machines at once.
 *
 * @module
 */
import type { FleetStage } from "../../tests/helpers/fleet_stage.ts";
import type { Overlap } from "./record.ts";

const LOOK_MS = 400;

/** How long a machine may take after waking to end agents of sessions that were taken over while it slept. */
const WAKING_MS = 5_000;

/** Watches until disposed. */
export class Watch implements AsyncDisposable {
  readonly overlaps: Overlap[] = [];
  readonly #stage: FleetStage;
  readonly #awakeAt = new Map<string, number>();
  readonly #looking: Promise<void>;
  #isOver = false;

  constructor(stage: FleetStage) {
    this.#stage = stage;
    this.#looking = this.#look();
  }

  /** Notes that a machine wakes up. */
  wakes(machine: string): void {
    this.#awakeAt.set(machine, performance.now() + WAKING_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      this.#compare();
      await new Promise((wake) => setTimeout(wake, LOOK_MS));
    }
  }

  #compare(): void {
    const now = performance.now();
    const working = this.#stage.processes().flatMap(({ machine, marker, isStopped, folder }) => {
      const [, session] = /\/worktrees\/([^/]+)/.exec(folder) ?? [];
      const isWaking = (this.#awakeAt.get(machine) ?? 0) > now;
      if (session === undefined || marker === undefined || isStopped || isWaking) return [];
      return [{ session, machine, marker }];
    });
    for (const attempts of Map.groupBy(working, ({ session }) => session).values()) {
      const distinct = [...new Map(attempts.map((each) => [each.marker, each])).values()];
      if (new Set(distinct.map(({ machine }) => machine)).size < 2) continue;
      this.overlaps.push({ at: Date.now(), attempts: distinct.map(({ machine, marker }) => ({ machine, marker })) });
    }
  }
}
