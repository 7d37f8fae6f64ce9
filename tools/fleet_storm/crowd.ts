/**
 * A crowd: many sessions at once, limited by their accounts, on machines without faults.
 *
 * @module
 */
import { FleetStage, pause } from "../../tests/helpers/fleet_stage.ts";
import { gather } from "./gather.ts";
import { type FleetProblem, judgeFleet } from "./judge.ts";
import type { ChangeRow } from "./record.ts";
import { Fleet } from "./fleet.ts";

/** How many sessions each account may run at once. */
const LIMITS = { red: 4, green: 3, blue: 2 } as const;
const SLOTS = 4;
const LOOK_MS = 500;

/** Options of a crowd. */
export interface CrowdOptions {
  readonly program: readonly [string, ...string[]];
  readonly sessions: number;
  /** The pace of the demo's agents. */
  readonly pace: number;
  readonly write?: (line: string) => void;
}

/** Plays a crowd, and prints how long it took and how many sessions ran at once. */
export async function playCrowd(
  { program, sessions, pace, write = console.log }: CrowdOptions,
): Promise<readonly FleetProblem[]> {
  const machines = ["ant", "bee"];
  // Each session starts about ten agents.
  const env = { SAMOCODE_DEMO_PACE: String(pace), SAMOCODE_MAX_STARTS_PER_DAY: "100000" };
  await using stage = await FleetStage.open({ machines, program, env, limits: LIMITS });
  await using fleet = new Fleet(stage, { slots: SLOTS });
  const accounts = Object.keys(LIMITS);
  const begun = performance.now();
  for (let index = 0; index < sessions; index++) {
    await stage.submit(`crowd-${index}`, ["--account", accounts[index % accounts.length] ?? ""]);
  }
  write(`${sessions} sessions submitted in ${seconds(performance.now() - begun)}`);
  for (;;) {
    const all = await stage.sessions();
    if (all.every(({ state }) => state === "done" || state === "failed" || state === "blocked")) break;
    await fleet.decide(all);
    await pause(LOOK_MS);
  }
  const record = await gather(stage, { copies: [], overlaps: fleet.watch.overlaps });
  const problems = judgeFleet(record);
  const events = record.sessions.reduce((sum, { journal }) => sum + journal.length, 0);
  write(`all done after ${seconds(performance.now() - begun)}: ${events} events, ${record.commits.length} commits`);
  for (const [account, limit] of Object.entries(LIMITS)) {
    write(`${account.padEnd(6)} at most ${mostAtOnce(record.changes, account)} at once, its limit is ${limit}`);
  }
  for (const { kind, what } of problems) write(`${kind}: ${what}`);
  write(`${problems.length} problems`);
  if (problems.length > 0) write(stage.told());
  return problems;
}

function mostAtOnce(changes: readonly ChangeRow[], account: string): number {
  const running = new Set<string>();
  let most = 0;
  for (const change of changes) {
    if (change.account !== account) continue;
    if (change.state === "running") running.add(change.session);
    else running.delete(change.session);
    most = Math.max(most, running.size);
  }
  return most;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
