/**
 * Exit codes: how a script learns how it went.
 *
 * @module
 */
import type { Outcome } from "../workflow/session_event.ts";

/** All exit codes. Interruptions follow the shells' custom: 128 and the signal's number. */
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

/** The exit code of a run that came to rest so. */
export function exitCodeOf(outcome: Outcome, signal: Deno.Signal | undefined): number {
  if (outcome.kind !== "stopped") return EXIT[outcome.kind];
  if (signal === "SIGTERM") return EXIT.terminated;
  return signal === "SIGHUP" ? EXIT.hangup : EXIT.interrupted;
}
