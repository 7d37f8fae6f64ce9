/**
 * Errors that a person can act on: what was tried, what was found, and how to fix it.
 *
 * @module
 */

import type { Action } from "./action.ts";

/** What kind of mistake it was; the command line makes an exit code of it. */
export type ErrorCode =
  /** Settings, flags, names: the person can fix it by typing something else. */
  | "usage"
  /** The session is in a state that does not allow what was asked. */
  | "conflict"
  /** The machine failed: disk, git, permissions. */
  | "system";

/** A mistake or failure that is told to the person as it stands, without a stack. */
export class SamocodeError extends Error {
  /** Which kind it is. */
  readonly code: ErrorCode;
  /** How to fix it. It names no command and no tool: each door renders the actions instead. */
  readonly hint: string;
  /** The samocode actions that the hint is about. */
  readonly actions: readonly Action[];

  /**
   * @param code Which kind it is.
   * @param message Action, colon, state; no period at the end.
   * @param options `hint` says how to fix it, in one sentence; `cause` is the error below.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly hint: string; readonly actions?: readonly Action[]; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = "SamocodeError";
    this.code = code;
    this.hint = options.hint;
    this.actions = options.actions ?? [];
  }
}

/** A failure of the machine, with the system's own message after `what`. */
export function systemError(
  what: string,
  { error, hint }: { readonly error: unknown; readonly hint: string },
): SamocodeError {
  return new SamocodeError("system", `${what}: ${messageOf(error)}`, { hint, cause: error });
}

/** What a function returns; `undefined` if it throws anything. */
export function unlessFailing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
