import assert from "node:assert/strict";
import { readFleetStormOptions } from "../../tools/fleet_storm.ts";
import { ROOT } from "../helpers/program_under_test.ts";

Deno.test("readFleetStormOptions() reads numbers and a fault, and refuses others", () => {
  const { program: _, ...read } = readFleetStormOptions(["--rounds", "7", "--fault", "network cut"], ROOT);
  assert.deepEqual(read, { rounds: 7, sessions: 3, stages: 1, seed: 1, pace: 2, crowd: 0, fault: "network cut" });
  assert.throws(() => readFleetStormOptions(["--fault", "rain"], ROOT), /Cannot read --fault rain/);
  assert.throws(() => readFleetStormOptions(["--rounds", "many"], ROOT), /Cannot read --rounds many/);
});
