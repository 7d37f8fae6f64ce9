/**
 * `deno task storm`: kills, failing disks and racing people against real sessions, judged by what really happened.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readFault } from "./storm/faults.ts";
import { readNumber, runStormTool, stormedProgram, unreadable } from "./storm/options.ts";
import { runStorm, type StormOptions } from "./storm/run_storm.ts";

/** Reads the command line. */
export function readStormOptions(args: readonly string[], root: string): StormOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: "string", default: "300" },
      faults: { type: "string", default: "all" },
      fault: { type: "string" },
      races: { type: "string", default: "40" },
      seed: { type: "string", default: "1" },
      binary: { type: "string" },
    },
  });
  const fault = values.fault === undefined ? undefined : readFault(values.fault);
  if (values.fault !== undefined && fault === undefined) {
    throw unreadable(`--fault ${values.fault}`, "A fault is COMMAND:KIND:NUMBER:ACTION, as the storm prints it");
  }
  const faults = values.faults === "all" ? "all" : readNumber("faults", values.faults);
  return {
    program: stormedProgram(values.binary, root),
    seed: readNumber("seed", values.seed),
    kills: readNumber("kills", values.kills),
    faults: fault === undefined ? faults : [fault],
    races: readNumber("races", values.races),
  };
}

if (import.meta.main) {
  await runStormTool(async (abort) => {
    const options = readStormOptions(Deno.args, join(import.meta.dirname ?? ".", ".."));
    return (await runStorm({ ...options, abort })).problems;
  });
}
