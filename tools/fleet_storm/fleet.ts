/**
 * A fleet in a storm: its workers, and a person who decides whatever waits.
 *
 * @module
 */
import type { MachineProcess } from "../../tests/helpers/fleet_machine.ts";
import type { FleetSession, FleetStage } from "../../tests/helpers/fleet_stage.ts";
import { Watch } from "./watch.ts";

/** An act whose command failed, as in an outage, is given again after this time. */
const AGAIN_MS = 15_000;

/** Workers on all machines of a stage. */
export class Fleet implements AsyncDisposable {
  readonly stage: FleetStage;
  readonly watch: Watch;
  readonly #workers = new Map<string, MachineProcess>();
  readonly #slots: number;
  /** When each gate was decided, by session and event. */
  readonly #decided = new Map<string, number>();

  /** @param slots Of each worker. */
  constructor(stage: FleetStage, { slots }: { readonly slots: number }) {
    this.stage = stage;
    this.#slots = slots;
    this.watch = new Watch(stage);
    for (const { name } of stage.machines) this.start(name);
  }

  /** Starts the worker of a machine. */
  start(name: string): void {
    this.#workers.set(name, this.stage.work(name, { slots: this.#slots }));
  }

  /** The worker of a machine. */
  worker(name: string): MachineProcess {
    const found = this.#workers.get(name);
    if (found === undefined) throw new Error(`${name} has no worker`);
    return found;
  }

  /** Decides what sessions wait for that a worker has let go of. */
  async decide(sessions: readonly FleetSession[]): Promise<void> {
    for (const session of sessions) {
      if (session.state !== "waiting" || session.gate === undefined) continue;
      const key = `${session.id} ${session.gate.seq}`;
      if (performance.now() - (this.#decided.get(key) ?? -Infinity) < AGAIN_MS) continue;
      this.#decided.set(key, performance.now());
      // It fails in an outage; and where the one before came through after all, it is refused.
      await this.stage.decideByRow(session).catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watch[Symbol.asyncDispose]();
  }
}
