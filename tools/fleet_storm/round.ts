/**
 * A round: submits some sessions, injects faults into their machines, and judges once all sessions are done.
 *
 * @module
 */
import type { Machine } from "../../tests/helpers/fleet_machine.ts";
import { type FleetSession, GIVEN_BACK, pause } from "../../tests/helpers/fleet_stage.ts";
import { takeCopy, type TakenCopy } from "./copies.ts";
import { type Fault, type FaultName, FAULTS } from "./faults.ts";
import type { Fleet } from "./fleet.ts";
import { gather, readLedger } from "./gather.ts";
import { type FleetProblem, judgeFleet } from "./judge.ts";
import type { ChangeRow } from "./record.ts";

/** A fault that was injected. */
export interface Strike {
  readonly fault: FaultName;
  /** Number of sessions on the machine that was hit. */
  readonly held: number;
  /** Time from the fault to the claim by another worker, for each session that was taken over. */
  readonly takeOversMs: readonly number[];
}

/** The result of a round. */
export interface RoundResult {
  readonly strikes: readonly Strike[];
  readonly problems: readonly FleetProblem[];
  /** How much the judge checked. */
  readonly seen: { readonly events: number; readonly commits: number; readonly copies: number };
}

/** Options of a round. */
export interface RoundOptions {
  /** The faults, in order; those for which no time is left are skipped. */
  readonly faults: readonly FaultName[];
  /** Names of the sessions to submit. */
  readonly sessions: readonly string[];
  /** Returns numbers from 0 to below 1. */
  readonly random: () => number;
}

const LOOK_MS = 500;
/** Approximate number of events of a session, over which the faults are spread. */
const LINES = 130;
/** Longest time from a fault's event to the fault. */
const LULL_MS = 1_500;
/** Longest time from the take-over to the end of a fault. */
const AFTER_MS = 4_000;
/** A session that takes longer is counted as lost. */
const ROUND_MS = 480_000;

/** Plays a round and judges the result. */
export async function playRound(fleet: Fleet, { faults, sessions, random }: RoundOptions): Promise<RoundResult> {
  const { stage, watch } = fleet;
  const overlapsBefore = watch.overlaps.length;
  const commitsBefore = readLedger(stage).length;
  const copies: TakenCopy[] = [];
  const struck: Struck[] = [];
  for (const session of sessions) await stage.submit(session, ["--account", "storm"]);
  const own = async (): Promise<readonly FleetSession[]> =>
    (await stage.sessions()).filter(({ name }) => sessions.includes(name));
  let healing: Promise<void> | undefined;
  let ripeAt = random() * LINES / faults.length;
  const deadline = performance.now() + ROUND_MS;
  while (performance.now() < deadline) {
    const now = await own();
    if (now.every(({ state }) => state === "done")) break;
    await fleet.decide(now);
    const name = faults[struck.length];
    const most = Math.max(...now.map(({ lines }) => lines));
    if (name !== undefined && healing === undefined && most >= ripeAt) {
      await pause(random() * LULL_MS);
      const found = await strike(fleet, { name, held: (await own()).filter(isHeld), random });
      if (found !== undefined) {
        struck.push(found);
        copies.push(...found.held.flatMap((session) => takeCopy(found.machine, session.name) ?? []));
        healing = heal(fleet, { struck: found, random }).finally(() => healing = undefined);
        ripeAt = most + random() * LINES / faults.length;
      }
    }
    await pause(LOOK_MS);
  }
  await healing;
  const stuck = await fleet.findStuck();
  const record = await gather(stage, { copies, overlaps: watch.overlaps.slice(overlapsBefore) }, sessions);
  return {
    strikes: struck.map((each) => ({
      ...{ fault: each.name, held: each.held.length },
      takeOversMs: FAULTS[each.name].takesOver ? takeOversOf(each, record.changes) : [],
    })),
    problems: [
      ...judgeFleet(record),
      ...stuck.map((machine): FleetProblem => ({ kind: "stuck", what: `the worker of ${machine}` })),
    ],
    seen: {
      events: record.sessions.reduce((sum, { journal }) => sum + journal.length, 0),
      commits: record.commits.length - commitsBefore,
      copies: copies.length,
    },
  };
}

interface Struck {
  readonly name: FaultName;
  readonly machine: Machine;
  readonly target: Parameters<Fault["heal"]>[0];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly held: readonly FleetSession[];
}

function isHeld({ state, holder }: FleetSession): boolean {
  return state === "running" && holder !== undefined;
}

/** Injects a fault into the machine of a random running session; `undefined` if none is running. */
async function strike(
  fleet: Fleet,
  { name, held, random }: {
    readonly name: FaultName;
    readonly held: readonly FleetSession[];
    readonly random: () => number;
  },
): Promise<Struck | undefined> {
  const { stage, watch } = fleet;
  const { holder } = held[Math.floor(random() * held.length)] ?? {};
  if (holder === undefined) return undefined;
  const machine = stage.machine(holder);
  const target = { stage, machine, worker: fleet.worker(machine.name).pid, watch };
  const at = Date.now();
  await FAULTS[name].strike(target);
  return { name, machine, target, at, held: held.filter((session) => session.holder === machine.name) };
}

/** Ends the fault at a random time after the sessions were taken over. */
async function heal(
  fleet: Fleet,
  { struck: { name, machine, target, held }, random }: { readonly struck: Struck; readonly random: () => number },
): Promise<void> {
  const { stage } = fleet;
  const fault: Fault = FAULTS[name];
  const after = random() * AFTER_MS;
  const deadline = performance.now() + ROUND_MS / 2;
  while (fault.takesOver && performance.now() < deadline) {
    const now = await stage.sessions();
    const isElsewhere = held.every(({ id, epoch }) =>
      now.some((session) => session.id === id && (session.epoch > epoch || session.state !== "running"))
    );
    if (isElsewhere) break;
    await pause(LOOK_MS);
  }
  await pause(after);
  await fault.heal(target);
  if (fault.killsWorker) fleet.start(machine.name);
}

function takeOversOf({ at, held }: Struck, changes: readonly ChangeRow[]): readonly number[] {
  return held.flatMap(({ id, epoch }) => {
    const taken = changes.find((change) => change.session === id && change.epoch > epoch);
    // It came to rest at the same moment or was handed over, so nobody had to take it over.
    const rested = changes.some((change) =>
      change.session === id && change.epoch === epoch && change.state !== "running" && change.state !== GIVEN_BACK
    );
    return taken === undefined || rested ? [] : [taken.at - at];
  });
}
