/**
 * One round: some sessions begin, something happens to the machine that has one of them, and all come to their end.
 *
 * @module
 */
import type { Machine, MachineProcess } from "../../tests/helpers/fleet_machine.ts";
import { type FleetSession, type FleetStage, pause } from "../../tests/helpers/fleet_stage.ts";
import { takeCopy, type TakenCopy } from "./copies.ts";
import { type Fault, type FaultName, FAULTS } from "./faults.ts";
import { gather, readLedger } from "./gather.ts";
import { type FleetProblem, judgeFleet } from "./judge.ts";
import { Watch } from "./watch.ts";

/** What a round came to. */
export interface RoundResult {
  readonly fault: FaultName;
  /** How many sessions the machine had that was hit. */
  readonly held: number;
  /** From the fault to the claim by another worker, for each session that was taken over. */
  readonly takeOversMs: readonly number[];
  readonly problems: readonly FleetProblem[];
  /** What the judge looked at. */
  readonly seen: { readonly events: number; readonly commits: number; readonly copies: number };
}

/** How a round is played. */
export interface RoundOptions {
  readonly fault: FaultName;
  /** The names of the sessions that are submitted. */
  readonly sessions: readonly string[];
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
}

/** A rest of the person's patience: an act whose command failed, as in an outage, is given again. */
const AGAIN_MS = 15_000;
const LOOK_MS = 250;
/** A fault strikes once some session has so many events at most, and so long after that at most. */
const RIPE_LINES = 150;
const LULL_MS = 1_500;
/** A session of a round that takes longer is counted as lost. */
const ROUND_MS = 480_000;

/** A fleet in a storm: its workers, which are started again after a kill, and a person who decides whatever waits. */
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

/** Plays a round and judges what it left. */
export async function playRound(fleet: Fleet, { fault: name, sessions, random }: RoundOptions): Promise<RoundResult> {
  const { stage, watch } = fleet;
  const fault: Fault = FAULTS[name];
  const overlapsBefore = watch.overlaps.length;
  const commitsBefore = readLedger(stage).length;
  const copies: TakenCopy[] = [];
  let struck: Struck | undefined;
  let healing: Promise<void> | undefined;
  for (const session of sessions) await stage.submit(session, ["--account", "storm"]);
  const ripeAt = Math.floor(random() * RIPE_LINES);
  const lull = random() * LULL_MS;
  const deadline = performance.now() + ROUND_MS;
  while (performance.now() < deadline) {
    const own = (await stage.sessions()).filter((session) => sessions.includes(session.name));
    if (own.every(({ state }) => state === "done")) break;
    await fleet.decide(own);
    const held = own.filter(({ state, holder }) => state === "running" && holder !== undefined);
    const victim = held[Math.floor(random() * held.length)];
    if (struck === undefined && victim?.holder !== undefined && own.some(({ lines }) => lines >= ripeAt)) {
      await pause(lull);
      const machine = stage.machine(victim.holder);
      struck = { machine, at: Date.now(), held: held.filter(({ holder }) => holder === machine.name) };
      const target = { stage, machine, worker: fleet.worker(machine.name).pid, watch };
      await fault.strike(target);
      copies.push(...struck.held.flatMap((session) => takeCopy(machine, session.name) ?? []));
      healing = heal(fleet, { fault, struck, target, random });
    }
    await pause(LOOK_MS);
  }
  await healing;
  const record = await gather(stage, { copies, overlaps: watch.overlaps.slice(overlapsBefore) }, sessions);
  const takeOvers = struck === undefined || !fault.takesOver ? [] : takeOversOf(struck, record.changes);
  const seen = {
    events: record.sessions.reduce((sum, { journal }) => sum + journal.length, 0),
    commits: record.commits.length - commitsBefore,
    copies: copies.length,
  };
  return { fault: name, held: struck?.held.length ?? 0, takeOversMs: takeOvers, problems: judgeFleet(record), seen };
}

interface Struck {
  readonly machine: Machine;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly held: readonly FleetSession[];
}

/** Ends the fault once the sessions are elsewhere, and perhaps a little later. */
async function heal(
  fleet: Fleet,
  { fault, struck, target, random }: {
    readonly fault: Fault;
    readonly struck: Struck;
    readonly target: Parameters<Fault["heal"]>[0];
    readonly random: () => number;
  },
): Promise<void> {
  const { stage } = fleet;
  const after = random() * 4_000;
  const deadline = performance.now() + ROUND_MS / 2;
  while (fault.takesOver && performance.now() < deadline) {
    const now = await stage.sessions();
    const isElsewhere = struck.held.every(({ id, epoch }) =>
      now.some((session) => session.id === id && (session.epoch > epoch || session.state !== "running"))
    );
    if (isElsewhere) break;
    await pause(LOOK_MS);
  }
  await pause(after);
  await fault.heal(target);
  if (fault.killsWorker) fleet.start(struck.machine.name);
}

function takeOversOf({ at, held }: Struck, changes: Awaited<ReturnType<typeof gather>>["changes"]): readonly number[] {
  return held.flatMap(({ id, epoch }) => {
    const taken = changes.find((change) => change.session === id && change.epoch > epoch);
    // It had come to rest in the same moment, or in an orderly way: then nobody had to take it over.
    const rested = changes.some((change) =>
      change.session === id && change.epoch === epoch && change.state !== "running"
    );
    return taken === undefined || rested ? [] : [taken.at - at];
  });
}
