/**
 * macOS's processes, from ps(1). Follows the manual; untested on macOS. Start times are in whole seconds, and System
 * Integrity Protection hides the environment of Apple's programs (kern_sysctl.c in xnu; giampaolo/psutil#2084).
 *
 * @module
 */
import { askLister, notEmpty, presentIn, type ProcessEntry, type ProcessSource } from "./process_source.ts";

/** The full path, so that a changed PATH cannot choose another. */
const PS = "/bin/ps";
/** Start times depend on language and time zone, and locks compare them between programs. */
const LISTER = { binary: PS, env: { LC_ALL: "C", TZ: "UTC" }, hint: `Check that ${PS} can be started` } as const;

const COLUMNS = ["-o", "pid=,ppid=,pgid=,stat=,lstart="] as const;

/** The source for macOS and BSDs. */
export const psSource: ProcessSource = {
  table,
  one: (pid) => readPs(run([...COLUMNS, "-p", String(pid)])).find((entry) => entry.pid === pid),
  alive: (seen) => presentIn(table(), seen),
  withVariable: (assignment, known) =>
    // A value with a line break could look like another process, so each one is verified alone.
    readCarriers(run(["-axEww", "-o", "pid=,command="]), assignment).filter((pid) =>
      !known.has(pid) && holdsWord(run(["-Eww", "-o", "command=", "-p", String(pid)]), assignment)
    ),
};

/** Reads lines of `pid ppid pgid stat lstart`, with `lstart` as in `Fri Nov 20 08:11:02 2026`. Skips zombies. */
export function readPs(text: string): readonly ProcessEntry[] {
  return text.split("\n").flatMap((line) => {
    const [pid, parent, group, state, ...start] = line.trim().split(/\s+/);
    if (!isNumber(pid) || !isNumber(parent) || !isNumber(group) || state === undefined || state.startsWith("Z")) {
      return [];
    }
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), startId: start.join(" ") }];
  });
}

/** The ids in lines of `pid command environment` that contain the assignment as a word. */
export function readCarriers(text: string, assignment: string): readonly number[] {
  const lines = text.split("\n").filter((line) => holdsWord(line, assignment));
  return [...new Set(lines.map((line) => Number.parseInt(line, 10)))].filter((pid) => pid > 0);
}

function table(): readonly ProcessEntry[] {
  return askLister(LISTER, ["-ax", ...COLUMNS], ({ stdout }) => notEmpty(readPs(decode(stdout)), "ps"));
}

function holdsWord(text: string, assignment: string): boolean {
  return text.split(/\s/).includes(assignment);
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d+$/.test(text);
}

function run(args: readonly string[]): string {
  return askLister(LISTER, args, ({ stdout }) => decode(stdout));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
