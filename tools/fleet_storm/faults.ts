/**
 * The faults that a storm injects into a fleet, and how each is healed.
 *
 * @module
 */
import { type FleetStage, pause } from "../../tests/helpers/fleet_stage.ts";
import { type Machine, send } from "../../tests/helpers/fleet_machine.ts";
import type { Watch } from "./watch.ts";

/** Where a fault strikes. */
export interface Target {
  readonly stage: FleetStage;
  readonly machine: Machine;
  /** Process id of the machine's worker. */
  readonly worker: number;
  readonly watch: Watch;
}

/** A kind of fault. */
export interface Fault {
  /** Whether another worker has to take over. */
  readonly takesOver: boolean;
  /** Whether the worker is dead afterwards and has to be restarted. */
  readonly killsWorker: boolean;
  strike(target: Target): Promise<void>;
  /** Ends the fault; called once other workers have taken over. */
  heal(target: Target): Promise<void>;
}

/** How long the engine is down: less than the time after which a worker ends its agents. */
const OUTAGE_MS = 5_000;

const NOTHING = (): Promise<void> => Promise.resolve();

/** All kinds of faults. */
export const FAULTS = {
  "worker killed": {
    ...{ takesOver: true, killsWorker: true, heal: NOTHING },
    strike: ({ worker }) => Promise.resolve(void send(worker, "SIGKILL")),
  },
  "machine killed": {
    ...{ takesOver: true, killsWorker: true, heal: NOTHING },
    strike: ({ machine }) => machine.killAll(),
  },
  "worker stopped": {
    ...{ takesOver: true, killsWorker: false },
    strike: ({ worker }) => Promise.resolve(void send(worker, "SIGSTOP")),
    heal: ({ worker }) => Promise.resolve(void send(worker, "SIGCONT")),
  },
  "machine asleep": {
    ...{ takesOver: true, killsWorker: false },
    strike: ({ machine }) => Promise.resolve(machine.freeze()),
    heal: ({ machine, watch }) => {
      watch.wakes(machine.name);
      return Promise.resolve(machine.thaw());
    },
  },
  "engine stopped": {
    ...{ takesOver: false, killsWorker: false, heal: NOTHING },
    strike: async ({ stage: { postgres } }) => {
      await postgres.stop("immediate");
      await pause(OUTAGE_MS);
      await postgres.start();
    },
  },
  "network cut": {
    ...{ takesOver: true, killsWorker: false },
    strike: ({ machine }) => Promise.resolve(machine.cable.cut()),
    heal: ({ machine }) => Promise.resolve(machine.cable.mend()),
  },
} as const satisfies Readonly<Record<string, Fault>>;

/** The name of a kind of fault. */
export type FaultName = keyof typeof FAULTS;

/** The names of all kinds. */
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
