/**
 * The program with a clock on which a night takes seconds: a wait takes a {@linkcode RATE}th of its time, and the
 * calendar goes on as if it had taken all of it. Agents work in real time.
 *
 * @module
 */
import { join } from "node:path";
import { cli } from "../../src/cli/cli.ts";
import type { Clock } from "../../src/system/clock.ts";
import { readTextIfExists, writeAtomic } from "../../src/system/files/files.ts";
import { platform } from "../../src/system/platform.ts";
import { ROOT } from "./program_under_test.ts";

/** An hour takes a second. */
export const RATE = 3600;

/** How it is called. */
export const FAST_PROGRAM = [
  Deno.execPath(),
  "run",
  "--allow-all",
  "--quiet",
  "--no-check",
  join(ROOT, "tests", "helpers", "fast_program.ts"),
] as const;

/** The file that holds by how many milliseconds the project's calendar is ahead of the machine's. */
export function aheadFile(project: string): string {
  return join(project, "ahead");
}

/** A clock whose calendar outlives its process. */
function fastClock(file: string): Clock {
  let waitingSince: number | undefined;
  let ahead = Number(readTextIfExists(file) ?? 0);
  const settle = (): void => {
    if (waitingSince === undefined) return;
    ahead += (performance.now() - waitingSince) * (RATE - 1);
    waitingSince = undefined;
    writeAtomic(file, String(ahead));
  };
  return {
    calendar: () => (settle(), Date.now() + ahead),
    steady: () => (settle(), performance.now() + ahead),
    timer: (ms) => {
      waitingSince = performance.now();
      return ms / RATE;
    },
  };
}

if (import.meta.main) {
  const encoder = new TextEncoder();
  const write = (text: string): void => void Deno.stdout.writeSync(encoder.encode(text));
  const code = await cli(Deno.args, {
    write,
    live: { write, pending: () => 0, flushed: () => Promise.resolve() },
    writeError: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
    ask: () => undefined,
    isInputTerminal: false,
    isOutputTerminal: false,
    columns: () => 120,
    color: false,
    env: Deno.env.toObject(),
    workingDirectory: Deno.cwd(),
    self: FAST_PROGRAM,
    shippedRoot: ROOT,
    version: "0.0.0",
    clock: fastClock(aheadFile(Deno.cwd())),
    build: () => "a test",
    onSignal: (listener) => {
      const added = platform().endSignals.map((name) => ({ name, heard: () => listener(name) }));
      for (const { name, heard } of added) Deno.addSignalListener(name, heard);
      return () => {
        for (const { name, heard } of added) Deno.removeSignalListener(name, heard);
      };
    },
    serveMcp: () => Promise.reject(new Error("no server here")),
  });
  Deno.exit(code);
}
