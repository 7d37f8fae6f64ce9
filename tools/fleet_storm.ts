/**
 * `deno task storm-fleet`: injects faults into real fleets (killed machines, stopped workers and engines, cut cables),
 * and judges the results.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { playCrowd } from "./fleet_storm/crowd.ts";
import { FAULT_NAMES } from "./fleet_storm/faults.ts";
import { type FleetStormOptions, stormFleet } from "./fleet_storm/run.ts";
import { readNumber, runStormTool, stormedProgram, unreadable } from "./storm/options.ts";

/** What the command line asks for. */
export interface FleetStormTask extends FleetStormOptions {
  /** Number of sessions in the crowd that is played before the storm. */
  readonly crowd: number;
}

/** Reads the command line. */
export function readFleetStormOptions(args: readonly string[], root: string): FleetStormTask {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "100" },
      sessions: { type: "string", default: "3" },
      stages: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      pace: { type: "string", default: "2" },
      crowd: { type: "string", default: "0" },
      fault: { type: "string" },
      binary: { type: "string" },
    },
  });
  const fault = FAULT_NAMES.find((name) => name === values.fault);
  if (values.fault !== undefined && fault === undefined) {
    throw unreadable(`--fault ${values.fault}`, `Give one of: ${FAULT_NAMES.join(", ")}`);
  }
  return {
    program: stormedProgram(values.binary, root),
    ...{ rounds: readNumber("rounds", values.rounds), sessions: readNumber("sessions", values.sessions), fault },
    ...{ stages: readNumber("stages", values.stages), seed: readNumber("seed", values.seed) },
    ...{ pace: readNumber("pace", values.pace), crowd: readNumber("crowd", values.crowd) },
  };
}

if (import.meta.main) {
  await runStormTool(async (abort) => {
    const options = readFleetStormOptions(Deno.args, join(import.meta.dirname ?? ".", ".."));
    const { crowd, rounds } = options;
    const crowded = crowd === 0 ? [] : await playCrowd({ ...options, sessions: crowd });
    const { problems } = rounds === 0 ? { problems: [] } : await stormFleet({ ...options, abort });
    return [...crowded, ...problems];
  });
}
