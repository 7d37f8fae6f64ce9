/**
 * The program on a machine of its own for a night: all its processes read one calendar, which goes on at
 * {@linkcode NIGHT_RATE} whatever they do, and a reboot gives it another boot id.
 *
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../../src/system/clock.ts";
import { BOOT_ID_PATH } from "../../src/system/processes/proc_processes.ts";
import { runWithClock } from "./fast_program.ts";
import { ROOT } from "./program_under_test.ts";

/** An hour takes half a second. */
export const NIGHT_RATE = 7200;

/** Lets a process and all that it starts see another boot id, if the machine has one. */
const BOOTED = `[ -e boot_id ] || exec "$@"
exec unshare --mount sh -c 'mount --bind boot_id ${BOOT_ID_PATH} && exec "$@"' sh "$@"`;

const PROGRAM = [
  Deno.execPath(),
  "run",
  "--allow-all",
  "--quiet",
  "--no-check",
  join(ROOT, "tests", "helpers", "night_program.ts"),
] as const;

/** How it is called. */
export const NIGHT_PROGRAM = ["sh", "-c", BOOTED, "sh", ...PROGRAM] as const;

/** Begins the night in a project. */
export function beginNight(project: string): Clock {
  Deno.writeTextFileSync(join(project, "night"), String(Date.now()));
  return nightClock(project);
}

/** Has the machine look rebooted to what is started from now on. */
export function reboot(project: string): void {
  Deno.writeTextFileSync(join(project, "boot_id"), `${crypto.randomUUID()}\n`);
}

/** The clock of a night; `/proc/uptime` and a stopped process do not matter to it. */
function nightClock(project: string): Clock {
  const begun = Number(Deno.readTextFileSync(join(project, "night")));
  const calendar = () => begun + (Date.now() - begun) * NIGHT_RATE;
  return { calendar, steady: calendar, timer: (ms) => ms / NIGHT_RATE };
}

if (import.meta.main) await runWithClock(nightClock(Deno.cwd()), PROGRAM);
