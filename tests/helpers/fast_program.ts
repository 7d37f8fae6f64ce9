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
import { Output } from "../../src/system/output.ts";
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

/** Runs the program, as `main.ts` does, with a clock of the test's own. */
export async function runWithClock(clock: Clock, self: readonly [string, ...string[]]): Promise<never> {
  const [output, errors] = [new Output(Deno.stdout), new Output(Deno.stderr)];
  const isOutputTerminal = Deno.stdout.isTerminal();
  const code = await cli(Deno.args, {
    write: (text) => output.write(text),
    live: {
      write: (text) => output.offer(text),
      pending: () => output.pending,
      flushed: () => output.flushed(),
    },
    writeError: (text) => errors.offer(text),
    ask: () => Promise.resolve(undefined),
    attach: () => Promise.resolve(127),
    rows: () => 24,
    isInputTerminal: false,
    isOutputTerminal,
    columns: () => 120,
    color: false,
    env: Deno.env.toObject(),
    workingDirectory: Deno.cwd(),
    self,
    shippedRoot: ROOT,
    version: "0.0.0",
    clock,
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
  await Promise.all([output.flushed(), errors.flushed()]);
  Deno.exit(code);
}

if (import.meta.main) await runWithClock(fastClock(aheadFile(Deno.cwd())), FAST_PROGRAM);
