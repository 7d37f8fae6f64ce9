import assert from "node:assert/strict";
import { type FaultName, FAULTS } from "../../tools/fleet_storm/faults.ts";
import { Fleet, playRound } from "../../tools/fleet_storm/round.ts";
import { Random } from "../../tools/storm/random.ts";
import { FleetStage, fleetTestDefinition } from "../helpers/fleet_stage.ts";
import { slow } from "../helpers/slow.ts";

/** One round of each; a machine that sleeps is left to the storm. */
const ROUNDS: readonly FaultName[] = [
  ...["worker killed", "machine killed", "worker stopped", "engine stopped", "network cut"] as const,
];

/** Far above what it takes: here it matters that somebody goes on at all. */
const TAKE_OVER_MS = 60_000;

Deno.test(slow(fleetTestDefinition("a fleet loses nothing and runs nothing twice, whatever dies", async () => {
  await using stage = await FleetStage.open({
    machines: ["ant", "bee"],
    env: { SAMOCODE_DEMO_PACE: "2" },
    limits: { storm: 2 },
  });
  await using fleet = new Fleet(stage, { slots: 2 });
  const random = new Random(16);
  for (const [index, fault] of ROUNDS.entries()) {
    const sessions = [`a-${index}`, `b-${index}`];
    const { held, takeOversMs, problems } = await playRound(fleet, { fault, sessions, random: () => random.next() });
    console.log(`${fault}: taken over after ${takeOversMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(", ")}`);
    assert.deepEqual(problems, [], `${fault}\n${stage.told()}`);
    assert.ok(held > 0, `${fault}: nothing was running`);
    if (FAULTS[fault].takesOver) assert.ok(takeOversMs.every((ms) => ms < TAKE_OVER_MS), String(takeOversMs));
  }
})));
