/**
 * How an iteration's agent process came to its end, in words that no provider owns.
 *
 * @module
 */

/** Why an agent's run failed, as far as it can be told. */
export type CrashCause =
  /** The login or key was refused: it will not heal by itself. */
  | "auth"
  /** The account has no credit or quota left. */
  | "billing"
  /** The service refused what was asked: unknown model, prompt too long, bad request. */
  | "request"
  /** The service was overloaded, unreachable or broken. */
  | "service"
  /** The agent used up its model calls before it finished. */
  | "turns"
  /** The agent client was started wrongly: a bad flag, agent or configuration. */
  | "setup"
  /** The agent was interrupted, or the worker died before it could see the end. */
  | "interrupted"
  /** The process ended without saying how it went. */
  | "unknown";

/** How one attempt ended. */
export type IterationEnd =
  | { readonly kind: "finished" }
  | { readonly kind: "timed-out"; readonly afterMs: number }
  | { readonly kind: "stalled"; readonly silentMs: number }
  | {
    readonly kind: "crashed";
    readonly cause: CrashCause;
    readonly detail: string;
    readonly exitCode: number | undefined;
  }
  | { readonly kind: "not-found"; readonly binary: string }
  | { readonly kind: "rate-limited"; readonly until: string | undefined; readonly detail: string }
  | { readonly kind: "aborted"; readonly by: string };

/** Says an end in a few words for a log line or a person. */
export function describeEnd(end: IterationEnd): string {
  switch (end.kind) {
    case "finished":
      return "finished";
    case "timed-out":
      return `timed out after ${Math.round(end.afterMs / 1000)} s`;
    case "stalled":
      return `said nothing for ${Math.round(end.silentMs / 1000)} s`;
    case "crashed":
      return `failed: ${end.detail}`;
    case "not-found":
      return `could not be started: ${end.binary} not found`;
    case "rate-limited":
      return `hit a usage limit${end.until === undefined ? "" : ` until ${end.until}`}: ${end.detail}`;
    case "aborted":
      return `was ended: ${end.by}`;
  }
}
