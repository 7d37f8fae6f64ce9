/**
 * Exit codes.
 *
 * @module
 */
import type { Rows } from "./command.ts";
import type { Outcome } from "../workflow/session_event.ts";

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
  ["10", "waiting for you: questions, a plan to approve, or something only you can do"],
  ["20", "blocked: see samocode status"],
  ["1", "the agent or samocode failed"],
  ["2", "not started: invalid command line, setting or session state"],
  ["129, 130, 143", "stopped by SIGHUP, by Ctrl-C or samocode stop, by SIGTERM"],
];

/** The exit code of a run with this outcome. */
export function exitCodeOf(outcome: Outcome, signal: Deno.Signal | undefined): number {
  if (outcome.kind !== "stopped") return EXIT[outcome.kind];
  if (signal === "SIGTERM") return EXIT.terminated;
  return signal === "SIGHUP" ? EXIT.hangup : EXIT.interrupted;
}
