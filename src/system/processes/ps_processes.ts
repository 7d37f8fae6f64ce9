/**
 * macOS's processes, out of what ps(1) prints. Written by its manual and untested there.
 *
 * Two limits, see docs/platforms.md: start times count whole seconds, and System Integrity Protection hides the
 * environment of Apple's own programs (kern_sysctl.c in xnu; giampaolo/psutil#2084).
 *
 * @module
 */
import { askLister, notEmpty, presentIn, type ProcessEntry, type ProcessSource } from "./process_source.ts";

/** Where every BSD has it; a repository's PATH must not choose it. */
const PS = "/bin/ps";
/** The start time depends on language and time zone, and a lock is read by programs with other ones. */
const LISTER = { binary: PS, env: { LC_ALL: "C", TZ: "UTC" }, hint: `Check that ${PS} can be started` } as const;

const COLUMNS = ["-o", "pid=,ppid=,pgid=,stat=,lstart="] as const;

/** Asks `ps`. */
export const psSource: ProcessSource = {
  table,
  one: (pid) => readPs(run([...COLUMNS, "-p", String(pid)])).find((entry) => entry.pid === pid),
  alive: (seen) => presentIn(table(), seen),
  withVariable: (assignment, known) =>
    // A value with an end of line could pass for another process: so each is asked for again, alone.
    readCarriers(run(["-axEww", "-o", "pid=,command="]), assignment).filter((pid) =>
      !known.has(pid) && holdsWord(run(["-Eww", "-o", "command=", "-p", String(pid)]), assignment)
    ),
};

/** Reads lines of `pid ppid pgid stat lstart`; zombies are left out. `lstart` is `Fri Nov 20 08:11:02 2026` in the C locale. */
export function readPs(text: string): readonly ProcessEntry[] {
  return text.split("\n").flatMap((line) => {
    const [pid, parent, group, state, ...start] = line.trim().split(/\s+/);
    if (!isNumber(pid) || !isNumber(parent) || !isNumber(group) || state === undefined || state.startsWith("Z")) {
      return [];
    }
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), startId: start.join(" ") }];
  });
}

/** The ids in lines of `pid command environment` that hold the assignment as a word. */
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
