/**
 * What a command of the command line is, and the exit codes.
 *
 * @module
 */
import type { CliIo } from "./cli_io.ts";
import type { Outcome } from "../workflow/run_events.ts";

/** What a shell can complete: names of the project's sessions, paths, or fixed words. */
export type Completes = "sessions" | "file" | "folder" | readonly string[];

/** A flag. */
export interface Flag {
  /** How the help shows its value; absent if it takes none. */
  readonly value?: string;
  readonly completes?: Completes;
  readonly short?: string;
  readonly help: string;
}

/** Flags by name. */
export type Flags = Readonly<Record<string, Flag>>;

/** Terms with their explanations. */
export type Rows = readonly (readonly [name: string, text: string])[];

/** The command line, checked against the command's flags. */
export interface Arguments {
  /** Flags with a value, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** Flags without a value that were given. */
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** How a command works on sessions of the fleet. */
export interface FleetUse {
  /** It asks the fleet itself, and needs no copies of sessions. */
  readonly asksItself?: boolean;
  /** It is about the sessions of all projects. */
  readonly ofAll?: boolean;
  /** It keeps running and shows what changes. */
  readonly stays?: boolean;
  /** Its first operand may be a task instead of a session. */
  readonly takesTask?: boolean;
  /** Its last operand is never a session. */
  readonly endsWithText?: boolean;
  /** Runs instead if no session is named. */
  readonly withoutSession?: (io: CliIo, args: Arguments) => Promise<number>;
}

/** A command. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What follows the name, as the help shows it: `[SESSION] [Q1=A …]`. */
  readonly operands?: string;
  /** What a shell can offer for the first operand. */
  readonly completes?: Completes;
  readonly flags: Flags;
  /** The most operands that it takes; none by default. */
  readonly maxPositionals?: number;
  readonly examples: readonly string[];
  /** Another section of the help. */
  readonly notes?: { readonly title: string; readonly rows: Rows };
  /** Whether it also looks for sessions whose worker died. */
  readonly looksAround?: boolean;
  /** Whether it offers to set up a project where there is none. */
  readonly setsUp?: boolean;
  /** How it works with `--fleet`, if it differs from a command about one session. */
  readonly fleet?: FleetUse;
  /** Not listed in the help. */
  readonly hidden?: boolean;
  /** The command whose row in the program's help names this one, too. */
  readonly listedWith?: string;
  /**
   * Runs the command and returns the exit code. Large modules that only one command needs are imported in here, because
   * every start loads the whole table.
   */
  run(io: CliIo, args: Arguments): number | Promise<number>;
}

/** All exit codes. For signals, as in shells, 128 plus the signal's number. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  waiting: 10,
  blocked: 20,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** What each exit code of `run` means. */
export const EXIT_CODES: Rows = [
  ["0", "done"],
  ["10", "waiting for you: questions, a plan to approve, a budget to raise, or something only you can do"],
  ["20", "blocked: see samocode status"],
  ["1", "the agent or samocode failed"],
  ["2", "not started: invalid command line, setting or session state"],
  ["129, 130, 143", "stopped by SIGHUP, by Ctrl-C or samocode stop, by SIGTERM"],
];

/** The exit code of a run with this outcome. */
export function exitCodeOf(outcome: Outcome, signal: Deno.Signal | undefined): number {
  return outcome.kind === "stopped" ? exitCodeAfter(signal) : EXIT[outcome.kind];
}

/** The exit code after a signal; without one, somebody else stopped the run. */
export function exitCodeAfter(signal: Deno.Signal | undefined): number {
  if (signal === "SIGTERM") return EXIT.terminated;
  return signal === "SIGHUP" ? EXIT.hangup : EXIT.interrupted;
}
