/**
 * Sessions that live elsewhere: their folders here are copies to read, and what a person decides goes to where they are.
 *
 * @module
 */
import { dirname } from "node:path";
import type { Measure, Span } from "../workflow/budget.ts";
import { SamocodeError } from "../text/errors.ts";

/** A decision of a person, with the hash of what was shown. The verbs refuse what is stale. */
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

/** What came of an act. */
export interface ActOutcome {
  readonly ok: boolean;
  /** In words for the person. */
  readonly text: string;
  /** The way out; empty if it was done. */
  readonly hint: string;
}

/** Where a session is that has a copy here. */
export interface Elsewhere {
  /** Who drives it, in words; `undefined` while nobody does. */
  readonly holder: string | undefined;
  /** `resting` is as the journal says; `failed`, for a reason that is not there; `taken`, to somebody's own machine. */
  readonly state: "queued" | "running" | "resting" | "failed" | "taken";
  /** Why, if that is not in its journal. */
  readonly detail: string;
  /**
   * Hands over a decision. The copy here is up to date with what came of it afterwards, as far as that is known.
   *
   * @returns What came of it; one that is only recorded so far says so.
   * @throws {SamocodeError} If it was refused, or cannot be handed over.
   */
  act(act: Act, by: string): Promise<ActOutcome>;
}

/** What is to be started elsewhere. */
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

/** A session of which there is no event yet. */
export interface Awaited {
  readonly name: string;
  readonly task: string;
  readonly since: string;
  readonly elsewhere: Elsewhere;
}

/** All sessions in one folder, which are copies. */
export interface Copies {
  /** Where the session of a copied folder is. */
  find(folder: string): Elsewhere;
  /** Those that nobody has begun yet. */
  awaited(): readonly Awaited[];
  /** Starts a session there, and returns its name once it waits or has begun. */
  start(request: StartElsewhere): Promise<string>;
}

/** By the folder of all sessions. A process fills it once, for what it shows: sessions are opened in many places. */
const COPIES = new Map<string, Copies>();

/** Makes the sessions in a folder ones that live elsewhere, for this process. */
export function registerCopies(sessions: string, copies: Copies): void {
  COPIES.set(sessions, copies);
}

/** The sessions in a folder, if they live elsewhere. */
export function copiesIn(sessions: string): Copies | undefined {
  return COPIES.get(sessions);
}

/** Where the session in a folder is; `undefined` if it is here. */
export function elsewhereOf(folder: string): Elsewhere | undefined {
  return COPIES.get(dirname(folder))?.find(folder) ?? (MIRROR.test(folder) ? UNREACHED : undefined);
}

/** Whether a session's folder is a copy, and this process does not know where the session is. */
export function isStrayCopy(folder: string): boolean {
  return MIRROR.test(folder) && !COPIES.has(dirname(folder));
}

/** Copies are below such a folder, and nothing else is. */
const MIRROR = /[\\/]samocode[\\/]fleet[\\/][^\\/]+[\\/]mirror[\\/]/;

/** Where a copy's session is that nobody asked for. */
export const UNREACHED: Elsewhere = {
  holder: undefined,
  state: "resting",
  detail: "",
  act: () =>
    Promise.reject(
      new SamocodeError("conflict", "Cannot decide here: this is only a copy of a session of the fleet", {
        hint: "Run the command with --fleet, in another folder",
      }),
    ),
};

/** Refuses what only works where the session is. */
export function onlyACopy(session: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot do that to ${session} here: it is a session of the fleet`, {
    hint: "Once it is not running, bring it to this machine",
    actions: [{ verb: "take", session }],
  });
}
