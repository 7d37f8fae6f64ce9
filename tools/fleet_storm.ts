/**
 * `deno task storm-fleet`: injects faults into real fleets (killed machines, stopped workers and engines, cut cables),
 * and judges the results.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SamocodeError } from "../src/text/errors.ts";
import { playCrowd } from "./fleet_storm/crowd.ts";
import { FAULT_NAMES } from "./fleet_storm/faults.ts";
import { type FleetStormOptions, stormFleet } from "./fleet_storm/run.ts";
import { runTool } from "./run_tool.ts";

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
    throw wrong(`--fault ${values.fault}`, `Give one of: ${FAULT_NAMES.join(", ")}`);
  }
  return {
    program: values.binary === undefined
      ? [Deno.execPath(), "run", "--allow-all", "--quiet", join(root, "main.ts")]
      : [Deno.realPathSync(values.binary)],
    ...{ rounds: number("rounds", values.rounds), sessions: number("sessions", values.sessions), fault },
    ...{ stages: number("stages", values.stages), seed: number("seed", values.seed) },
    ...{ pace: number("pace", values.pace), crowd: number("crowd", values.crowd) },
  };
}

function number(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw wrong(`--${name} ${text}`, "Give a whole number");
}

function wrong(what: string, hint: string): SamocodeError {
  return new SamocodeError("usage", `Cannot read ${what}`, { hint });
}

if (import.meta.main) {
  await runTool(async () => {
    const options = readFleetStormOptions(Deno.args, join(import.meta.dirname ?? ".", ".."));
    const controller = new AbortController();
    // Ctrl-C ends the storm early and prints the figures so far.
    Deno.addSignalListener("SIGINT", () => controller.abort());
    const { crowd, rounds } = options;
    const crowded = crowd === 0 ? [] : await playCrowd({ ...options, sessions: crowd });
    const { problems } = rounds === 0 ? { problems: [] } : await stormFleet({ ...options, abort: controller.signal });
    Deno.exit(crowded.length + problems.length > 0 ? 1 : 0);
  });
}
