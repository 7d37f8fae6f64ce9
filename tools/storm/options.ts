/**
 * What the storms read alike from their command lines, and how they end.
 *
 * @module
 */
import { join } from "node:path";
import { SamocodeError } from "../../src/text/errors.ts";
import { runTool } from "../run_tool.ts";

/** Reads a flag's whole number. @throws {SamocodeError} For anything else. */
export function readNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw unreadable(`--${name} ${text}`, "Give a whole number");
}

/** The error for a part of the command line. */
export function unreadable(what: string, hint: string): SamocodeError {
  return new SamocodeError("usage", `Cannot read ${what}`, { hint });
}

/** The program that a storm runs: the binary, or the source below `root` if there is none. */
export function stormedProgram(binary: string | undefined, root: string): readonly [string, ...string[]] {
  if (binary !== undefined) return [Deno.realPathSync(binary)];
  return [Deno.execPath(), "run", "--allow-all", "--quiet", join(root, "main.ts")];
}

/** Runs a storm, which returns its problems; Ctrl-C stops it early. Exits with 1 if there are any. */
export async function runStormTool(storm: (abort: AbortSignal) => Promise<readonly unknown[]>): Promise<void> {
  await runTool(async () => {
    const controller = new AbortController();
    // The sessions have process groups of their own, and do not get it.
    Deno.addSignalListener("SIGINT", () => controller.abort());
    const problems = await storm(controller.signal);
    Deno.exit(problems.length > 0 ? 1 : 0);
  });
}
