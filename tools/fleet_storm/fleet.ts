/**
 * A fleet in a storm: its workers, and a person who decides whatever sessions wait for.
 *
 * @module
 */
import type { MachineProcess } from "../../tests/helpers/fleet_machine.ts";
import { type FleetSession, type FleetStage, pause } from "../../tests/helpers/fleet_stage.ts";
import { Watch } from "./watch.ts";

/** Repeat an act after this time if nothing came of it, as in an outage. */
const AGAIN_MS = 15_000;

/** A worker that has not taken its probe session within this time is stuck. */
const PROBE_MS = 60_000;
const LOOK_MS = 500;

/** Workers on all machines of a stage. */
export class Fleet implements AsyncDisposable {
  readonly stage: FleetStage;
  readonly watch: Watch;
  readonly #workers = new Map<string, MachineProcess>();
  readonly #slots: number;
  #probes = 0;
  /** When each gate was last decided, by session and event. */
  readonly #decided = new Map<string, number>();

  /** @param slots Slots of each worker. */
  constructor(stage: FleetStage, { slots }: { readonly slots: number }) {
    this.stage = stage;
    this.#slots = slots;
    this.watch = new Watch(stage);
    for (const { name } of stage.machines) this.start(name);
  }

  /** Starts the worker of a machine. */
  start(name: string): void {
    this.#workers.set(name, this.stage.work(name, { slots: this.#slots, more: ["--label", name] }));
  }

  /** The worker of a machine. */
  worker(name: string): MachineProcess {
    const found = this.#workers.get(name);
    if (found === undefined) throw new Error(`${name} has no worker`);
    return found;
  }

  /**
   * Submits a probe session for each worker that no other may take. Returns the names of workers that do not take
   * theirs.
   */
  async findStuck(): Promise<readonly string[]> {
    const probes = this.stage.machines.map(({ name }) => ({ name, session: `probe-${name}-${++this.#probes}` }));
    for (const { name, session } of probes) await this.stage.submit(session, ["--account", name, "--label", name]);
    const deadline = performance.now() + PROBE_MS;
    for (;; await pause(LOOK_MS)) {
      const now = await this.stage.sessions();
      const left = probes.filter(({ session }) => now.some(({ name, epoch }) => name === session && epoch === 0));
      if (left.length === 0 || performance.now() > deadline) return left.map(({ name }) => name);
    }
  }

  /** Decides what sessions at rest wait for. */
  async decide(sessions: readonly FleetSession[]): Promise<void> {
    for (const session of sessions) {
      if (session.state !== "waiting" || session.gate === undefined) continue;
      const key = `${session.id} ${session.gate.seq}`;
      if (performance.now() - (this.#decided.get(key) ?? -Infinity) < AGAIN_MS) continue;
      this.#decided.set(key, performance.now());
      // It fails during an outage, and is refused if the previous one got through after all.
      await this.stage.decideByRow(session).catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watch[Symbol.asyncDispose]();
  }
}
