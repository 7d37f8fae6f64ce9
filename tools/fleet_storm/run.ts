/**
 * A whole storm: plays rounds on several stages in parallel, and sums up the results.
 *
 * @module
 */
import { FleetStage } from "../../tests/helpers/fleet_stage.ts";
import { Random } from "../storm/random.ts";
import { FAULT_NAMES, type FaultName } from "./faults.ts";
import { FLEET_PROBLEMS, type FleetProblem } from "./judge.ts";
import { Fleet } from "./fleet.ts";
import { playRound, type RoundResult } from "./round.ts";

/** Options of a storm. */
export interface FleetStormOptions {
  readonly program: readonly [string, ...string[]];
  readonly seed: number;
  /** Number of faults. */
  readonly rounds: number;
  /** Most sessions in a round. */
  readonly sessions: number;
  /** Number of parallel stages, each with its own PostgreSQL and two machines. */
  readonly stages: number;
  /** Inject only this kind; otherwise all kinds in turn. */
  readonly fault?: FaultName | undefined;
  /** The pace of the demo's agents. */
  readonly pace: number;
  readonly write?: (line: string) => void;
  /** Starts no more rounds once it fires. */
  readonly abort?: AbortSignal;
}

/** The result of a storm. */
export interface FleetStormResult {
  readonly rounds: number;
  readonly takeOversMs: readonly number[];
  readonly problems: readonly FleetProblem[];
}

const MACHINES = ["ant", "bee"] as const;
const SLOTS = 3;
/** The account's limit: so low that sessions sometimes have to wait. */
const LIMIT = 3;
/** Limit of the accounts for probe sessions: practically none. */
const MANY = 1_000;

/** Most faults in a round. */
const AT_MOST = 4;

/** Pace factors of the agents, by stage: on the last one, agents work for longer than a lease. */
const PACES = [1, 1, 2, 10] as const;

/** Runs a storm. */
export async function stormFleet(options: FleetStormOptions): Promise<FleetStormResult> {
  const { seed, rounds, sessions, stages, write = console.log } = options;
  const tally = new Tally(write);
  const random = new Random(seed);
  const queue = Array.from({ length: Math.ceil(rounds / AT_MOST) }, (_, index) => ({
    first: index * AT_MOST,
    faults: Array.from(
      { length: Math.min(AT_MOST, rounds - index * AT_MOST) },
      (_, each) => faultOf(options, index * AT_MOST + each),
    ),
    random: new Random(random.next() * 2 ** 32),
  }));
  await Promise.all(Array.from({ length: Math.min(stages, queue.length) }, async (_, index) => {
    await using stage = await FleetStage.open({
      machines: MACHINES,
      program: options.program,
      env: {
        SAMOCODE_DEMO_PACE: String(options.pace * (PACES[index % PACES.length] ?? 1)),
        // Retry killed attempts at once, without a practical limit.
        ...{ SAMOCODE_MAX_RETRIES: "30", SAMOCODE_RETRY_DELAY: "0", SAMOCODE_MAX_STARTS_PER_DAY: "100000" },
      },
      limits: { storm: LIMIT, ...Object.fromEntries(MACHINES.map((name) => [name, MANY])) },
    });
    await using fleet = new Fleet(stage, { slots: SLOTS });
    for (let next = queue.shift(); next !== undefined && !options.abort?.aborted; next = queue.shift()) {
      const { first, faults, random: own } = next;
      const count = 1 + Math.floor(own.next() * sessions);
      const names = Array.from({ length: count }, (_, each) => `storm-${first}-${each + 1}`);
      const result = await playRound(fleet, { faults, sessions: names, random: () => own.next() });
      tally.over(`stage ${index + 1}`, { ...result, sessions: count });
      if (result.problems.length > 0) write(stage.told());
    }
  }));
  tally.tell();
  write(`again   deno task storm-fleet --seed ${seed} --rounds ${rounds} --sessions ${sessions} --stages ${stages}`);
  return tally;
}

function faultOf({ fault, seed }: Pick<FleetStormOptions, "fault" | "seed">, index: number): FaultName {
  return fault ?? FAULT_NAMES[(index + seed) % FAULT_NAMES.length] ?? "worker killed";
}

class Tally implements FleetStormResult {
  rounds = 0;
  sessions = 0;
  readonly takeOversMs: number[] = [];
  readonly problems: FleetProblem[] = [];
  #events = 0;
  #commits = 0;
  #copies = 0;
  readonly #write: (line: string) => void;
  readonly #faults = new Map<FaultName, number[]>();
  readonly #begun = performance.now();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  over(
    where: string,
    { strikes, problems, seen, sessions }: RoundResult & { readonly sessions: number },
  ): void {
    this.sessions += sessions;
    this.problems.push(...problems);
    this.#events += seen.events;
    this.#commits += seen.commits;
    this.#copies += seen.copies;
    for (const { fault, held, takeOversMs } of strikes) {
      this.rounds++;
      this.takeOversMs.push(...takeOversMs);
      this.#faults.set(fault, [...this.#faults.get(fault) ?? [], ...takeOversMs]);
      const times = takeOversMs.length === 0 ? "" : ` taken over after ${takeOversMs.map(seconds).join(", ")}`;
      this.#say(`${this.rounds}: ${fault} on ${where}, ${held} of ${sessions} sessions${times}`);
    }
    for (const { kind, what } of problems) this.#write(`${kind}: ${what}`);
  }

  tell(): void {
    this.#say(`${this.rounds} faults, ${this.sessions} sessions, ${this.takeOversMs.length} taken over`);
    this.#write(`${this.#events} events, ${this.#commits} commits, ${this.#copies} copies of dead machines looked at`);
    for (const [fault, times] of this.#faults) this.#write(`${fault.padEnd(16)} ${spread(times)}`);
    this.#write(`${"all".padEnd(16)} ${spread(this.takeOversMs)}`);
    const count = (wanted: string): number => this.problems.filter(({ kind }) => kind === wanted).length;
    this.#write(FLEET_PROBLEMS.map((kind) => `${count(kind)} ${kind}`).join(", "));
  }

  #say(text: string): void {
    this.#write(`${Math.round((performance.now() - this.#begun) / 1000)} s: ${text}`);
  }
}

function spread(times: readonly number[]): string {
  if (times.length === 0) return "nothing taken over";
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => seconds(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return `${times.length} taken over: median ${at(0.5)}, most ${at(1)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
