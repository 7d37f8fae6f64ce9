import assert from "node:assert/strict";
import type { FaultName } from "../../tools/fleet_storm/faults.ts";
import { Fleet } from "../../tools/fleet_storm/fleet.ts";
import { playRound } from "../../tools/fleet_storm/round.ts";
import { Random } from "../../tools/storm/random.ts";
import { FleetStage, fleetTestDefinition } from "../helpers/fleet_stage.ts";
import { slow } from "../helpers/slow.ts";

/** Each fault once, except a sleeping machine, which only the storm covers. */
const ROUNDS: readonly FaultName[] = [
  ...["worker killed", "machine killed", "worker stopped", "engine stopped", "network cut"] as const,
];

/** Far above the usual time: this test only checks that another worker takes over at all. */
const TAKE_OVER_MS = 60_000;

/** Skip it from source on Deno 2.4: it takes minutes, and the binary, built with Deno 2.4, runs it as well. */
const IS_LEFT_TO_BINARY = Deno.version.deno.startsWith("2.4.");

const definition = slow(fleetTestDefinition("a fleet loses nothing and runs nothing twice, whatever dies", async () => {
  await using stage = await FleetStage.open({
    machines: ["ant", "bee"],
    env: { SAMOCODE_DEMO_PACE: "4", SAMOCODE_MAX_RETRIES: "30", SAMOCODE_RETRY_DELAY: "0" },
    limits: { storm: 2, ant: 1, bee: 1 },
  });
  await using fleet = new Fleet(stage, { slots: 2 });
  const random = new Random(16);
  const sessions = ["one", "two"];
  const { strikes, problems } = await playRound(fleet, { faults: ROUNDS, sessions, random: () => random.next() });
  assert.deepEqual(problems, [], stage.told());
  assert.deepEqual(strikes.map(({ fault }) => fault), ROUNDS);
  for (const { fault, takeOversMs } of strikes) {
    const times = takeOversMs.map((ms) => `taken over after ${(ms / 1000).toFixed(1)} s`);
    console.log(`${fault}: ${times.join(", ") || "nothing had to be taken over"}`);
    assert.ok(takeOversMs.every((ms) => ms < TAKE_OVER_MS), fault);
  }
  assert.ok(strikes.some(({ takeOversMs }) => takeOversMs.length > 0), "something is taken over");
}));

Deno.test(
  IS_LEFT_TO_BINARY
    ? { ...definition, ignore: true, name: `${definition.name} (skipped: on Deno 2.4 the binary's run has it)` }
    : definition,
);
