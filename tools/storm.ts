/**
 * `deno task storm`: kills, failing disks and racing people against real sessions, judged by what really happened.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SamocodeError } from "../src/text/errors.ts";
import { runTool } from "./run_tool.ts";
import { readFault } from "./storm/faults.ts";
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
    throw wrong(`--fault ${values.fault}`, "A fault is COMMAND:KIND:NUMBER:ACTION, as the storm prints it");
  }
  const faults = values.faults === "all" ? "all" : number("faults", values.faults);
  return {
    program: values.binary === undefined
      ? [Deno.execPath(), "run", "--allow-all", "--quiet", join(root, "main.ts")]
      : [Deno.realPathSync(values.binary)],
    seed: number("seed", values.seed),
    kills: number("kills", values.kills),
    faults: fault === undefined ? faults : [fault],
    races: number("races", values.races),
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
    const options = readStormOptions(Deno.args, join(import.meta.dirname ?? ".", ".."));
    const controller = new AbortController();
    // Ctrl-C ends it early, with the figures so far. The sessions are in groups of their own, and do not get it.
    Deno.addSignalListener("SIGINT", () => controller.abort());
    const { problems } = await runStorm({ ...options, abort: controller.signal });
    Deno.exit(problems.length > 0 ? 1 : 0);
  });
}
