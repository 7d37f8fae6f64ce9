/**
 * Sessions that run elsewhere: their folders here are read-only copies, and a person's decisions are forwarded.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Measure, Span } from "../workflow/budget.ts";
import { SamocodeError } from "../text/errors.ts";

/** A person's decision, with the hash of what was shown, so that a stale one is refused. */
export type Act =
  | {
    readonly verb: "answer";
    readonly answers: Readonly<Record<string, string>>;
    readonly acceptSuggestions: boolean;
    readonly sha256: string | undefined;
  }
  | { readonly verb: "approve"; readonly sha256: string; readonly label: string | undefined }
  | { readonly verb: "revise"; readonly sha256: string | undefined; readonly feedback: string }
  | { readonly verb: "guide"; readonly text: string }
  | { readonly verb: "stop"; readonly now: boolean }
  | { readonly verb: "phase"; readonly to: string; readonly sha256: string | undefined }
  | { readonly verb: "raise"; readonly to: Readonly<Partial<Record<Measure, number>>>; readonly span: Span }
  | { readonly verb: "resume"; readonly guidance: string | undefined }
  | { readonly verb: "accept_baseline" };

/** The outcome of an act. */
export interface ActOutcome {
  readonly ok: boolean;
  /** A message for the person. */
  readonly text: string;
  /** How to fix it; empty if the act succeeded. */
  readonly hint: string;
}

/** Where the session of a local copy runs. */
export interface Elsewhere {
  /** The worker that drives it; `undefined` while none does. */
  readonly holder: string | undefined;
  /** How often a worker has taken it, from 1. The copy may not have the last time's events yet. */
  readonly epoch: number;
  /**
   * `resting`: as the journal says; `failed`: for a reason that the journal lacks; `taken`: moved to somebody's own
   * machine.
   */
  readonly state: "queued" | "running" | "resting" | "failed" | "taken";
  /** The reason for the state, if the journal does not have it. */
  readonly detail: string;
  /**
   * Forwards a decision, then updates the copy with what is known of its outcome.
   *
   * @returns The outcome; a decision that is recorded and not applied yet says so.
   * @throws {SamocodeError} If it cannot be forwarded.
   */
  act(act: Act, by: string): Promise<ActOutcome>;
}

/** A session to start elsewhere. */
export interface StartElsewhere {
  readonly session: string | undefined;
  readonly task: string | undefined;
  readonly dive: string | undefined;
  readonly light?: boolean | undefined;
  readonly plan?: string | undefined;
  readonly maxCostUsd?: number | undefined;
  readonly provider?: string | undefined;
  readonly by?: string | undefined;
}

/** A session without events so far. */
export interface Awaited {
  readonly name: string;
  readonly task: string;
  readonly since: string;
  readonly elsewhere: Elsewhere;
}

/** The copies in one sessions folder. */
export interface Copies {
  /** Where the session of a copy runs. */
  find(folder: string): Elsewhere;
  /** Sessions that no worker has started yet. */
  awaited(): readonly Awaited[];
  /** Starts a session there, and returns its name once it is queued or running. */
  start(request: StartElsewhere): Promise<string>;
}

/** By sessions folder. Global, since sessions are opened in many places; a process registers what it shows once. */
const COPIES = new Map<string, Copies>();

/** Registers the sessions in a folder as copies, for this process. */
export function registerCopies(sessions: string, copies: Copies): void {
  COPIES.set(sessions, copies);
}

/** The copies in a sessions folder; `undefined` for ordinary sessions. */
export function copiesIn(sessions: string): Copies | undefined {
  return COPIES.get(sessions);
}

/** Whoever shows copies. */
const LISTENERS = new Set<(folder: string) => void>();

/** Calls back with the folder of a copy when what is known of its session changed, until it is disposed. */
export function hearCopies(listener: (folder: string) => void): Disposable {
  LISTENERS.add(listener);
  return { [Symbol.dispose]: () => LISTENERS.delete(listener) };
}

/** Tells that what is known of a copy's session changed. The folder need not exist yet. */
export function tellCopies(folder: string): void {
  for (const listener of LISTENERS) listener(folder);
}

/** Where the session of a folder runs; `undefined` for an ordinary session. */
export function elsewhereOf(folder: string): Elsewhere | undefined {
  return COPIES.get(dirname(folder))?.find(folder) ?? (MIRROR.test(folder) ? UNREACHED : undefined);
}

/** Whether a session's folder is a copy that this process has not registered. */
export function isStrayCopy(folder: string): boolean {
  return MIRROR.test(folder) && !COPIES.has(dirname(folder));
}

/** The path of a mirror; only copies are in it. */
const MIRROR = /[\\/]samocode[\\/]fleet[\\/][^\\/]+[\\/]mirror[\\/]/;

/** For a copy whose fleet this process has not loaded. */
export const UNREACHED: Elsewhere = {
  holder: undefined,
  epoch: 0,
  state: "resting",
  detail: "",
  act: () =>
    Promise.reject(
      new SamocodeError("conflict", "Cannot decide here: this is only a copy of a session of the fleet", {
        hint: "Run the command with --fleet, in another folder",
      }),
    ),
};

/** The error for what only works on the machine that has the session. */
export function onlyACopy(session: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot do that to ${session} here: it is a session of the fleet`, {
    hint: "Once it is not running, bring it to this machine",
    actions: [{ verb: "take", session }],
  });
}
